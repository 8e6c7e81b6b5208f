import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { planVideo, taskId, type TaskRef } from './plan.js';
import { runInProcess } from './run-in-process.js';
import { resolveSettings } from './settings.js';

const plan = planVideo({
  frameCount: 1000,
  sampleCount: 640_000,
  chunkFrames: 100,
  settings: resolveSettings({}),
});
const taskCount = plan.steps.reduce((sum, { count }) => sum + count, 0);

describe('runInProcess', () => {
  it('runs every task once, no more than the allowed number at a time', async () => {
    const ran: string[] = [];
    let active = 0;
    let mostActive = 0;
    const execute = async (tasks: readonly TaskRef[]): Promise<void> => {
      mostActive = Math.max(mostActive, ++active);
      await setImmediate();
      ran.push(...tasks.map(taskId));
      active--;
    };
    await runInProcess(plan, execute, { concurrency: 3, signal: new AbortController().signal });
    expect(new Set(ran).size).toBe(taskCount);
    expect(ran.length).toBe(taskCount);
    expect(mostActive).toBe(3);
    expect(ran.at(-1)).toBe('diarize/0');
  });

  it('runs tasks that look at the same frames together', async () => {
    const together: string[] = [];
    const execute = async (tasks: readonly TaskRef[]): Promise<void> => {
      await setImmediate();
      if (tasks.length > 1) together.push(tasks.map(taskId).join(' '));
    };
    await runInProcess(plan, execute, { concurrency: 2, signal: new AbortController().signal });
    expect(together).toEqual(
      Array.from({ length: 10 }, (_, index) => `readLips/${index} embedFaces/${index}`),
    );
  });

  it('stops the others and throws the first error', async () => {
    const ran: string[] = [];
    const execute = async ([task]: readonly TaskRef[], signal: AbortSignal): Promise<void> => {
      ran.push(taskId(task!));
      await setImmediate();
      signal.throwIfAborted();
      if (taskId(task!) === 'detectFaces/3') throw new Error('broken chunk');
    };
    await expect(
      runInProcess(plan, execute, { concurrency: 2, signal: new AbortController().signal }),
    ).rejects.toThrow('broken chunk');
    expect(ran.length).toBeLessThan(taskCount);
  });

  it('throws the reason of the signal when it is aborted', async () => {
    const controller = new AbortController();
    const execute = async ([task]: readonly TaskRef[]): Promise<void> => {
      if (task!.step === 'linkTracks') controller.abort();
      await setImmediate();
    };
    await expect(
      runInProcess(plan, execute, { concurrency: 2, signal: controller.signal }),
    ).rejects.toThrow(/abort/i);
  });
});
