import type { Model, ModelPool, Tensor } from '@avd/stage-kit';

/** Row of a picture of the fake network: value of the first channel, in [-1, 1]. */
const BRIGHT = 0.5;

export interface FakeBlazeFace extends ModelPool {
  /** Sizes of the pictures it has seen, as height x width, in order. */
  readonly seenSizes: string[];
}

/**
 * Network for tests with the outputs of BlazeFace: takes every bright spot for a face, and draws its bounding box
 * with the first anchor of the 16 px cell that holds its centre.
 */
export function createFakeBlazeFace(score = 0.9): FakeBlazeFace {
  const seenSizes: string[] = [];
  const model: Model = {
    name: 'blazeface',
    sha256: '0',
    run: async ({ image }, signal) => {
      signal?.throwIfAborted();
      const [, , height = 0, width = 0] = image!.dims;
      seenSizes.push(`${height}x${width}`);
      const outputs = emptyOutputs(height, width);
      for (const spot of brightSpots(image!.data as Float32Array, height, width)) {
        const column = Math.floor(spot.centreX / 16);
        const row = Math.floor(spot.centreY / 16);
        const anchor = (row * (width / 16) + column) * 2;
        outputs.scores16.data[anchor] = Math.log(score / (1 - score));
        outputs.boxes16.data.set(
          [
            spot.centreX - (column + 0.5) * 16,
            spot.centreY - (row + 0.5) * 16,
            spot.width,
            spot.height,
          ],
          anchor * 16,
        );
      }
      // Answers come late, as from a worker thread.
      await new Promise((resolve) => setImmediate(resolve));
      return outputs;
    },
  };
  return { seenSizes, load: async () => model };
}

function emptyOutputs(
  height: number,
  width: number,
): Record<'scores16' | 'boxes16' | 'scores32' | 'boxes32', Tensor & { data: Float32Array }> {
  const tensor = (places: number, values: number) => ({
    data: new Float32Array(places * values).fill(values === 1 ? -100 : 0),
    dims: [1, places, values],
  });
  const places16 = (height / 16) * (width / 16) * 2;
  const places32 = (height / 32) * (width / 32) * 6;
  return {
    scores16: tensor(places16, 1),
    boxes16: tensor(places16, 16),
    scores32: tensor(places32, 1),
    boxes32: tensor(places32, 16),
  };
}

interface Spot {
  readonly centreX: number;
  readonly centreY: number;
  readonly width: number;
  readonly height: number;
}

/** Bounding boxes of bright pixels that touch each other (found by flooding). */
function brightSpots(plane: Float32Array, height: number, width: number): Spot[] {
  const isSeen = new Uint8Array(height * width);
  const spots: Spot[] = [];
  for (let start = 0; start < height * width; start++) {
    if (isSeen[start] || plane[start]! < BRIGHT) continue;
    let [left, top, right, bottom] = [width, height, 0, 0];
    const waiting = [start];
    isSeen[start] = 1;
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const x = at % width;
      const y = Math.floor(at / width);
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
      for (const next of [
        x > 0 ? at - 1 : at,
        x + 1 < width ? at + 1 : at,
        at - width,
        at + width,
      ]) {
        if (next < 0 || next >= height * width || isSeen[next] || plane[next]! < BRIGHT) continue;
        isSeen[next] = 1;
        waiting.push(next);
      }
    }
    spots.push({
      centreX: (left + right) / 2,
      centreY: (top + bottom) / 2,
      width: right - left,
      height: bottom - top,
    });
  }
  return spots;
}
