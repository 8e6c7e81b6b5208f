import { describe, expect, it } from 'vitest';
import { parseRange } from './byte-range.js';

describe('parseRange', () => {
  it.each([
    ['bytes=0-', 0, 100],
    ['bytes=10-19', 10, 20],
    ['bytes=90-1000', 90, 100],
    ['bytes=-5', 95, 100],
    ['bytes=-500', 0, 100],
    ['bytes=99-99', 99, 100],
  ])('takes %s of 100 bytes', (header, startByte, endByte) => {
    expect(parseRange(header, 100)).toEqual({ startByte, endByte });
  });

  it.each([undefined, '', 'bytes=', 'bytes=-', 'bytes=5-4', 'bytes=0-1,3-4', 'lines=0-1'])(
    'means the whole file by %s',
    (header) => expect(parseRange(header, 100)).toBeUndefined(),
  );

  it.each([
    ['bytes=100-', 100],
    ['bytes=100-200', 100],
    ['bytes=-0', 100],
    ['bytes=0-', 0],
    ['bytes=-1', 0],
  ])('cannot satisfy %s of %i bytes', (header, sizeBytes) => {
    expect(parseRange(header, sizeBytes)).toBe('unsatisfiable');
  });
});
