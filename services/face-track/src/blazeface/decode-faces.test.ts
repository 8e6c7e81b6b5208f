import { describe, expect, it } from 'vitest';
import { decodeFaces } from './decode-faces.js';

/** Outputs for a 96x64 picture: 6x4 cells of 16 px with 2 anchors, 3x2 cells of 32 px with 6. */
function outputs() {
  const tensor = (places: number, values: number) => ({
    data: new Float32Array(places * values).fill(values === 1 ? -20 : 0),
    dims: [1, places, values],
  });
  return {
    scores16: tensor(48, 1),
    boxes16: tensor(48, 16),
    scores32: tensor(36, 1),
    boxes32: tensor(36, 16),
  };
}

describe('decodeFaces', () => {
  it('places a box around the centre of its 16 px cell', () => {
    const out = outputs();
    const anchor = (2 * 6 + 5) * 2 + 1; // row 2, column 5, second anchor
    out.scores16.data[anchor] = 0;
    out.boxes16.data.set([3, -4, 20, 10], anchor * 16);
    expect(decodeFaces(out, 96, 0.5)).toEqual([
      { box: { left: 81, top: 31, right: 101, bottom: 41 }, score: 0.5 },
    ]);
  });

  it('places a box around the centre of its 32 px cell', () => {
    const out = outputs();
    const anchor = (1 * 3 + 2) * 6 + 4; // row 1, column 2, fifth anchor
    out.scores32.data[anchor] = Math.log(9);
    out.boxes32.data.set([0, 0, 64, 64], anchor * 16);
    const [face] = decodeFaces(out, 96, 0.5);
    expect(face?.box).toEqual({ left: 48, top: 16, right: 112, bottom: 80 });
    expect(face?.score).toBeCloseTo(0.9, 6);
  });

  it('leaves out what scores less than asked for', () => {
    const out = outputs();
    out.scores16.data[0] = Math.log(0.59 / 0.41);
    expect(decodeFaces(out, 96, 0.6)).toEqual([]);
    expect(decodeFaces(out, 96, 0.58)).toHaveLength(1);
  });
});
