import { describe, expect, it } from 'vitest';
import { formatUem, parseUem } from './uem.js';

describe('parseUem', () => {
  it('reads regions and skips comments', () => {
    expect(parseUem(';; all\nrec 1 0.00 12.5\nrec\t1\t20\t30 extra\n')).toEqual([
      { recording: 'rec', startSec: 0, endSec: 12.5 },
      { recording: 'rec', startSec: 20, endSec: 30 },
    ]);
  });

  it('drops folder and media extension but keeps other dots of the recording', () => {
    expect(parseUem('audio/a.b.wav 1 0 1\nv1.2 1 0 1\n').map((region) => region.recording)).toEqual(
      ['a.b', 'v1.2'],
    );
  });

  it.each([
    ['rec 1 0', '3 columns instead of 4'],
    ['rec 1 x 2', 'the start time "x" is not a number'],
    ['rec 1 0 ?', 'the end time "?" is not a number'],
    ['rec 1 -1 2', 'the start time -1 is negative'],
    ['rec 1 2 2', 'the end 2 is not after the start 2'],
  ])('refuses %j and says why', (line, reason) => {
    expect(() => parseUem(line, 'all.uem')).toThrow(`all.uem line 1: ${reason}`);
  });
});

describe('formatUem', () => {
  it('gives back what it wrote', () => {
    const regions = [{ recording: 'rec', startSec: 0.24, endSec: 943.2 }];
    expect(formatUem(regions)).toBe('rec 1 0.240 943.200\n');
    expect(parseUem(formatUem(regions))).toEqual(regions);
  });
});
