import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchSilence } from './watch-silence.js';

describe('watchSilence', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('lets a server take its time as long as something is heard', () => {
    using watch = watchSilence(1000, new AbortController().signal);
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(900);
      watch.heard();
    }
    expect(watch.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1100);
    expect(watch.signal.aborted).toBe(true);
  });

  it('aborts with its caller, also with one that has aborted already', () => {
    const caller = new AbortController();
    using before = watchSilence(1000, caller.signal);
    caller.abort();
    using after = watchSilence(1000, caller.signal);
    expect([before.signal.aborted, after.signal.aborted]).toEqual([true, true]);
  });

  it('leaves no timer behind', () => {
    watchSilence(1000, new AbortController().signal)[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  });
});
