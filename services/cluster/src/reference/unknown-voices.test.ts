import { describe, expect, it } from 'vitest';
import { groupUnknownFrames } from './unknown-voices.js';

/** Rows that point to one of several axes, with a little of the next axis mixed in. */
function voices(rowCount: number, axisOf: (row: number) => number) {
  const columnCount = 5;
  const data = new Float32Array(rowCount * columnCount);
  for (let row = 0; row < rowCount; row++) {
    data[row * columnCount + axisOf(row)] = 1;
    data[row * columnCount + ((axisOf(row) + 1) % columnCount)] = (row % 5) / 20;
  }
  return { data, rowCount, columnCount };
}

const frames = (rows: Int32Array) => ({ rows, labels: new Int32Array(rows.length).fill(-1) });

describe('groupUnknownFrames', () => {
  it('numbers voices in order of appearance from the given label on', () => {
    const run = frames(Int32Array.from(Array(60).keys()));
    groupUnknownFrames(
      [run],
      voices(60, (row) => [4, 1, 4][Math.floor(row / 20)]!),
      3,
      0.6,
    );
    expect([...run.labels]).toEqual([
      ...Array<number>(20).fill(3),
      ...Array<number>(20).fill(4),
      ...Array<number>(20).fill(3),
    ]);
  });

  it('leaves a voice heard for less than a second unknown', () => {
    const run = frames(Int32Array.from(Array(24).keys()));
    groupUnknownFrames(
      [run],
      voices(24, (row) => (row < 20 ? 0 : 2)),
      0,
      0.6,
    );
    expect([...run.labels]).toEqual([...Array<number>(20).fill(0), ...Array<number>(4).fill(-1)]);
  });

  it('does not touch frames of known speakers', () => {
    const run = {
      rows: Int32Array.from(Array(20).keys()),
      labels: new Int32Array(20).fill(1),
    };
    groupUnknownFrames(
      [run],
      voices(20, () => 0),
      5,
      0.6,
    );
    expect(new Set(run.labels)).toEqual(new Set([1]));
  });

  it('groups an hour of speech through a sample of it', () => {
    const rowCount = 18_000;
    const run = frames(Int32Array.from(Array(rowCount).keys()));
    groupUnknownFrames(
      [run],
      voices(rowCount, (row) => Math.floor(row / 3000) % 4),
      0,
      0.6,
    );
    expect([...run.labels].every((label, row) => label === Math.floor(row / 3000) % 4)).toBe(true);
  });
});
