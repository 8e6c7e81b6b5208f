import type { ModelPool, Tensor, VideoFrame } from '@avd/stage-kit';
import { describe, expect, it } from 'vitest';
import { s3fdPriors } from './priors.js';
import { createS3fdDetector } from './s3fd-detector.js';

const signal = new AbortController().signal;

/** Network that sees one face where the prior box of place 0 stands; `seen` gets its inputs. */
function modelsSeeing(score: number, seen: Tensor[] = []): ModelPool {
  return {
    load: async (name) => ({
      name,
      sha256: '',
      run: async (inputs) => {
        const image = inputs['image']!;
        seen.push({ data: Uint8Array.from(image.data as Uint8Array), dims: image.dims });
        const [, height = 0, width = 0] = image.dims;
        const places = s3fdPriors(width, height).length / 4;
        const scores = new Float32Array(places);
        scores[0] = score;
        return {
          loc: { data: new Float32Array(places * 4), dims: [1, places, 4] },
          scores: { data: scores, dims: [1, places] },
        };
      },
    }),
  };
}

function frameOf(width: number, height: number, frameIndex = 0): VideoFrame {
  return { frameIndex, width, height, data: new Uint8Array(width * height * 3).fill(50) };
}

describe('the S3FD detector', () => {
  it('looks at the frame at 0.35 of its size and gives boxes in pixels of the frame', async () => {
    const seen: Tensor[] = [];
    const detector = await createS3fdDetector({ detectEvery: 1 }, modelsSeeing(0.95, seen));
    const faces = await detector.detect(frameOf(1280, 720), 0, signal);
    expect(seen[0]?.dims).toEqual([1, 252, 448, 3]);
    expect(new Set(seen[0]?.data as Uint8Array)).toEqual(new Set([50]));
    // Prior 0: 16 pixels around (2, 2) of the small picture.
    const box = faces![0]!.box;
    expect(box.left).toBeCloseTo((-6 / 448) * 1280, 3);
    expect(box.bottom).toBeCloseTo((10 / 252) * 720, 3);
    expect(faces![0]!.score).toBeCloseTo(0.95, 6);
  });

  it('takes faces above 0.9 unless told otherwise', async () => {
    const strict = await createS3fdDetector({ detectEvery: 1 }, modelsSeeing(0.9));
    expect(await strict.detect(frameOf(640, 360), 0, signal)).toEqual([]);
    const lax = await createS3fdDetector({ detectEvery: 1, minScore: 0.5 }, modelsSeeing(0.6));
    expect(await lax.detect(frameOf(640, 360), 0, signal)).toHaveLength(1);
  });

  it('looks at every n-th frame, and at cuts', async () => {
    const detector = await createS3fdDetector({ detectEvery: 3 }, modelsSeeing(0.95));
    expect(await detector.detect(frameOf(640, 360, 3), 0, signal)).toHaveLength(1);
    expect(await detector.detect(frameOf(640, 360, 4), 0, signal)).toBeUndefined();
    expect(await detector.detect(frameOf(640, 360, 4), 80, signal)).toHaveLength(1);
  });

  it('does not make small frames too small for the network', async () => {
    const seen: Tensor[] = [];
    const detector = await createS3fdDetector({ detectEvery: 1 }, modelsSeeing(0.95, seen));
    await detector.detect(frameOf(64, 40), 0, signal);
    expect(seen[0]?.dims).toEqual([1, 28, 45, 3]);
  });
});
