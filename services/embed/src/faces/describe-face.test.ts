import { readFileSync } from 'node:fs';
import type { ModelPool, Tensor } from '@avd/stage-kit';
import { GoldenCase, hasShared } from '@avd/testing';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { loadFaceDescriber } from './describe-face.js';

const { signal } = new AbortController();

function readPngAsBgr(file: string): { width: number; height: number; data: Uint8Array } {
  const { width, height, data: rgba } = PNG.sync.read(readFileSync(file));
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data.set([rgba[from + 2]!, rgba[from + 1]!, rgba[from]!], to);
  }
  return { width, height, data };
}

/** A network that keeps its input; the same answer for every picture. */
function recordingPool(seen: Tensor[], output: string, answer: Float32Array): ModelPool {
  return {
    load: async (name) => ({
      name,
      sha256: '',
      run: async ({ image }) => {
        seen.push({ data: image!.data.slice(), dims: image!.dims });
        return { [output]: { data: answer, dims: [1, answer.length] } };
      },
    }),
  };
}

describe('face networks', () => {
  it.skipIf(!hasShared)('VGGFace2 sees the pictures of the reference, bit for bit', async () => {
    const golden = new GoldenCase('facecluster/extract');
    const seen: Tensor[] = [];
    const answer = Float32Array.of(3, -4);
    const pool = recordingPool(seen, 'embedding', answer);
    const describeFace = await loadFaceDescriber('vggface-resnet50', pool);
    for (let k = 0; k < 4; k++) {
      const picture = readPngAsBgr(golden.file(`frame_${k}.png`));
      // The whole picture of 224x224 is the crop of a face at this place.
      const place = { centreX: 112, centreY: 80, halfSize: 80 };
      expect(await describeFace({ ...picture, frameIndex: k }, place, signal)).toEqual(answer);
      expect(seen[k]!.dims).toEqual([1, 224, 224, 3]);
      const expected = readPngAsBgr(golden.file(`input_${k}.png`)).data;
      expect(Buffer.compare(seen[k]!.data as Uint8Array, expected)).toBe(0);
    }
  });

  it('FaceRes sees the face a little larger than its box, red first, and gives unit vectors', async () => {
    const seen: Tensor[] = [];
    const pool = recordingPool(seen, 'descriptor', Float32Array.of(3, 4));
    const describeFace = await loadFaceDescriber('faceres', pool);
    const data = new Uint8Array(100 * 100 * 3).map((_, i) => [10, 20, 30][i % 3]!);
    const frame = { frameIndex: 0, width: 100, height: 100, data };
    const place = { centreX: 50, centreY: 50, halfSize: 20 };
    const descriptor = await describeFace(frame, place, signal);
    expect([...descriptor]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
    const [red, green, blue] = [0, 1, 2].map((plane) => seen[0]!.data[plane * 224 * 224]);
    expect([red, green, blue]).toEqual([30, 20, 10]);
  });
});
