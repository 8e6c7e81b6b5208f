import type { ModelPool, Tensor, VideoFrame } from '@avd/stage-kit';
import { describe, expect, it } from 'vitest';
import { createYunetDetector } from './yunet-detector.js';

const signal = new AbortController().signal;

/** Network that sees one face of 64x32 pixels at (16, 8) of its input: cell (1, 2) of the grid of 8 pixels. */
const models: ModelPool = {
  load: async (name) => ({
    name,
    sha256: '',
    run: async ({ input }) => {
      const [, , height = 0, width = 0] = input!.dims;
      const outputs: Record<string, Tensor> = {};
      for (const stride of [8, 16, 32]) {
        const cells = (width / stride) * (height / stride);
        for (const [kind, values] of Object.entries({ cls: 1, obj: 1, bbox: 4, kps: 10 })) {
          const data = new Float32Array(cells * values);
          outputs[`${kind}_${stride}`] = { data, dims: [1, cells, values] };
        }
      }
      const cell = (width / 8) * 1 + 2;
      outputs['cls_8']!.data[cell] = 0.81;
      outputs['obj_8']!.data[cell] = 1;
      (outputs['bbox_8']!.data as Float32Array).set([0, 0, Math.log(8), Math.log(4)], cell * 4);
      return outputs;
    },
  }),
};

function frameOf(width: number, height: number, frameIndex = 0): VideoFrame {
  return { frameIndex, width, height, data: new Uint8Array(width * height * 3) };
}

describe('the YuNet detector', () => {
  it('gives boxes in pixels of the frame, also when that was made smaller', async () => {
    const detector = await createYunetDetector({ detectEvery: 1 }, models);
    for (const [width, height, factor] of [
      [640, 360, 1],
      [1280, 720, 2],
      [320, 200, 1],
    ] as const) {
      const [face] = (await detector.detect(frameOf(width, height), 0, signal))!;
      expect(face!.score).toBeCloseTo(0.9, 5);
      expect(face!.box.left).toBeCloseTo(-16 * factor, 3);
      expect(face!.box.right).toBeCloseTo(48 * factor, 3);
      expect(face!.box.top).toBeCloseTo(-8 * factor, 3);
      expect(face!.box.bottom).toBeCloseTo(24 * factor, 3);
    }
  });

  it('looks at every n-th frame, and at cuts', async () => {
    const detector = await createYunetDetector({ detectEvery: 2, minScore: 0.8 }, models);
    expect(await detector.detect(frameOf(64, 64, 1), 0, signal)).toBeUndefined();
    expect(await detector.detect(frameOf(64, 64, 1), 80, signal)).toHaveLength(1);
    expect(await detector.detect(frameOf(64, 64, 2), 0, signal)).toHaveLength(1);
  });
});
