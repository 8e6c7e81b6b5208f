import { describe, expect, it } from 'vitest';
import { formatClock, formatDuration, parseClock } from './clock.js';

describe('formatClock', () => {
  it('shows hours only when there are some and rounds to the decimals asked for', () => {
    expect(formatClock(75.26, 1)).toBe('1:15.3');
    expect(formatClock(3661, 0)).toBe('1:01:01');
    expect(formatClock(59.96, 1)).toBe('1:00.0');
  });
});

describe('parseClock', () => {
  it('reads what formatClock writes', () => {
    for (const timeSec of [0, 5.25, 59.99, 60, 3599.5, 7322.04]) {
      expect(parseClock(formatClock(timeSec, 2))).toBeCloseTo(timeSec, 6);
    }
  });

  it('takes plain seconds and a decimal comma, refuses anything else', () => {
    expect(parseClock('75,5')).toBe(75.5);
    expect(parseClock('')).toBeUndefined();
    expect(parseClock('1:x')).toBeUndefined();
    expect(parseClock('-3')).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it('uses the largest unit that says enough', () => {
    expect(formatDuration(4.25)).toBe('4.3 s');
    expect(formatDuration(59.97)).toBe('1 min 00 s');
    expect(formatDuration(3780)).toBe('1 h 03 min');
  });
});
