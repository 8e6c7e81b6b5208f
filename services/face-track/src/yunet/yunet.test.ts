import type { Tensor } from '@avd/stage-kit';
import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { decodeYunet } from './decode-yunet.js';
import { YunetInput } from './yunet-input.js';

const OUTPUTS = ['cls', 'obj', 'bbox', 'kps'].flatMap((kind) =>
  [8, 16, 32].map((stride) => `${kind}_${stride}`),
);

function goldenOutputs(golden: GoldenCase): Record<string, Tensor> {
  return Object.fromEntries(
    OUTPUTS.map((name) => {
      const { data, shape } = golden.array(name);
      return [name, { data: data as Float32Array, dims: shape }];
    }),
  );
}

describe.skipIf(!hasShared)('decodeYunet', () => {
  it.each([
    ['frame_640x360', 640, 384],
    ['frame_1280x720', 1280, 736],
  ])('finds the faces of %s', (name, width, height) => {
    const golden = new GoldenCase(`networks/yunet/${name}`);
    const faces = decodeYunet(goldenOutputs(golden), width, height, 0.6);
    expect(faces.map(({ cellIndex }) => cellIndex)).toEqual([
      ...(golden.array('kept_index').data as Int32Array),
    ]);
    const expected = golden.array('faces');
    const rows = faces.flatMap(({ box, landmarks, score }) => [
      ...[box.left, box.top, box.right - box.left, box.bottom - box.top],
      ...landmarks,
      score,
    ]);
    const excess = excessOverTolerance(rows, expected.data as Float64Array, expected.tolerance);
    expect(excess).toBeLessThanOrEqual(0);
    faces.forEach(({ score }, i) => {
      expect(score).toBeCloseTo((expected.data as Float64Array)[i * 15 + 14]!, 3);
    });
  });

  it('refuses outputs of a picture of another size', () => {
    const outputs = goldenOutputs(new GoldenCase('networks/yunet/frame_640x360'));
    expect(() => decodeYunet(outputs, 640, 352, 0.6)).toThrow(
      'output cls_8 has 3840 values instead of 3520',
    );
  });
});

describe('YunetInput', () => {
  it('puts the planes B, G, R into the upper left corner of a size that the network takes', () => {
    const input = new YunetInput({ width: 40, height: 3 });
    const data = Uint8Array.from({ length: 40 * 3 * 3 }, (_, i) => i % 251);
    const { data: out, dims } = input.fill({ width: 40, height: 3, data });
    expect(dims).toEqual([1, 3, 32, 64]);
    expect([...out.slice(0, 2)]).toEqual([0, 3]);
    expect(out[39]).toBe(117);
    expect(out[40]).toBe(0);
    expect(out[64]).toBe(120);
    expect(out[32 * 64]).toBe(1);
    expect(out[2 * 32 * 64 + 1]).toBe(5);
    expect([...out.slice(3 * 64, 4 * 64)]).toEqual(Array(64).fill(0));
  });

  it('makes large frames smaller', () => {
    const input = new YunetInput({ width: 1280, height: 720 });
    expect(input.factor).toBe(0.5);
    expect([input.widthPx, input.heightPx]).toEqual([640, 384]);
    const data = new Uint8Array(1280 * 720 * 3).fill(9);
    const { data: out } = input.fill({ width: 1280, height: 720, data });
    expect([out[0], out[359 * 640], out[360 * 640]]).toEqual([9, 9, 0]);
  });
});
