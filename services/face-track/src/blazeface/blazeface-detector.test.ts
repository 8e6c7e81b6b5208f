import type { FaceDetection } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import { createBlazeFaceDetector } from './blazeface-detector.js';
import { createFakeBlazeFace } from './fake-blazeface.js';
import type { FakeBlazeFace } from './fake-blazeface.js';

const WIDTH = 640;
const HEIGHT = 360;
const never = new AbortController().signal;

/** A white square on black: what the fake network takes for a face. */
interface Square {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

type Scene = (frameIndex: number) => readonly Square[];

function paint(data: Uint8Array, squares: readonly Square[]): void {
  data.fill(0);
  for (const { left, top, size } of squares) {
    for (let y = top; y < top + size; y++) {
      data.fill(255, (y * WIDTH + left) * 3, (y * WIDTH + left + size) * 3);
    }
  }
}

interface WatchOptions {
  readonly startFrame?: number;
  readonly endFrame: number;
  readonly detectEvery?: number;
  readonly cuts?: readonly number[];
  readonly network?: FakeBlazeFace;
  readonly minScore?: number;
}

/** Shows a scene frame by frame, wiping each frame as soon as the detector gives control back. */
async function watch(
  scene: Scene,
  { startFrame = 0, endFrame, detectEvery = 5, cuts = [], ...options }: WatchOptions,
): Promise<(readonly FaceDetection[] | undefined)[]> {
  const network = options.network ?? createFakeBlazeFace();
  const { minScore } = options;
  const detector = await createBlazeFaceDetector(
    { detectEvery, ...(minScore === undefined ? {} : { minScore }) },
    network,
  );
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  const results: Promise<readonly FaceDetection[] | undefined>[] = [];
  for (let frameIndex = startFrame; frameIndex < endFrame; frameIndex++) {
    paint(data, scene(frameIndex));
    const frame = { frameIndex, width: WIDTH, height: HEIGHT, data };
    results.push(detector.detect(frame, cuts.includes(frameIndex) ? 60 : 1, never));
    data.fill(0);
    if (frameIndex % 4 === 3) await results[frameIndex - startFrame];
  }
  return Promise.all(results);
}

const centreX = (face: FaceDetection | undefined): number =>
  face === undefined ? NaN : (face.box.left + face.box.right) / 2;

const still: Scene = () => [{ left: 200, top: 100, size: 60 }];

describe('createBlazeFaceDetector', () => {
  it('reports faces at every look, nothing in between', async () => {
    const results = await watch(still, { endFrame: 30 });
    expect(results.map((faces) => faces?.length)).toEqual(
      Array.from({ length: 30 }, (_, frame) => (frame % 5 === 0 ? 1 : undefined)),
    );
  });

  it('gives boxes in the manner of WIDER FACE', async () => {
    const [faces] = await watch(still, { endFrame: 1 });
    const box = faces![0]!.box;
    expect(Math.abs(centreX(faces![0]) - 230)).toBeLessThan(2);
    expect(Math.abs(box.right - box.left - 60 * 0.92)).toBeLessThan(3);
    expect(Math.abs(box.bottom - box.top - 60 * 1.27)).toBeLessThan(3);
  });

  it('follows a moving face with small pictures, searching whole ones now and then', async () => {
    const network = createFakeBlazeFace();
    const moving: Scene = (frame) => [{ left: 100 + 3 * frame, top: 100, size: 60 }];
    const results = await watch(moving, { endFrame: 50, network });
    for (const frame of [0, 5, 20, 45]) {
      expect(Math.abs(centreX(results[frame]?.[0]) - (130 + 3 * frame))).toBeLessThan(2);
    }
    const scans = network.seenSizes.filter((size) => size === '384x640').length;
    const closeLooks = network.seenSizes.filter((size) => size === '128x128').length;
    expect(scans).toBe(2);
    // One for each look, and one to confirm it the first time.
    expect(closeLooks).toBe(10);
  });

  it('finds small and large faces at once', async () => {
    const scene: Scene = () => [
      { left: 40, top: 40, size: 16 },
      { left: 300, top: 60, size: 240 },
    ];
    const [faces] = await watch(scene, { endFrame: 1 });
    expect(faces?.map(centreX).map(Math.round)).toEqual([420, 48]);
  });

  it('finds a face that comes in later', async () => {
    const scene: Scene = (frame) => (frame < 8 ? [] : still(frame));
    const results = await watch(scene, { endFrame: 30 });
    expect(results[0]).toEqual([]);
    expect(results[15]).toHaveLength(1);
  });

  it('searches right after a cut', async () => {
    const scene: Scene = (frame) => [{ left: frame < 13 ? 100 : 400, top: 100, size: 60 }];
    const results = await watch(scene, { endFrame: 20, cuts: [13] });
    expect(results[13]?.map(centreX).map(Math.round)).toEqual([430]);
    expect(results[15]?.map(centreX).map(Math.round)).toEqual([430]);
  });

  it('searches right after a cut even if it has just searched', async () => {
    const scene: Scene = (frame) => [{ left: frame < 26 ? 100 : 400, top: 100, size: 60 }];
    const results = await watch(scene, { endFrame: 30, cuts: [26] });
    expect(results[26]?.map(centreX).map(Math.round)).toEqual([430]);
  });

  it('does not search every frame of a flicker', async () => {
    const network = createFakeBlazeFace();
    const cuts = Array.from({ length: 20 }, (_, i) => i + 1);
    await watch(still, { endFrame: 21, cuts, network });
    expect(network.seenSizes.filter((size) => size === '384x640')).toHaveLength(5);
  });

  it('stops reporting a face that has gone, but waits for it a little', async () => {
    const scene: Scene = (frame) =>
      frame >= 10 && frame < 15 ? [] : frame > 30 ? [] : still(frame);
    const results = await watch(scene, { endFrame: 40 });
    expect(results[10]).toEqual([]);
    expect(results[15]).toHaveLength(1);
    expect(results[35]).toEqual([]);
  });

  it('leaves out faces below the score asked for', async () => {
    const network = createFakeBlazeFace(0.7);
    const [faces] = await watch(still, { endFrame: 1, network, minScore: 0.8 });
    expect(faces).toEqual([]);
  });

  it.each([1, 3, 5, 7])(
    'finds the same from any multiple of its period on when looking at every %i. frame',
    async (detectEvery) => {
      const scene: Scene = (frame) => [
        { left: 50 + 2 * frame, top: 100, size: 60 },
        ...(frame % 70 < 40 ? [{ left: 500, top: 200, size: 40 }] : []),
      ];
      const cuts = [33, 90, 91, 92, 140, 205];
      const { gridPeriodFrames } = await createBlazeFaceDetector(
        { detectEvery },
        createFakeBlazeFace(),
      );
      expect(gridPeriodFrames % detectEvery).toBe(0);
      const all = await watch(scene, { endFrame: 215, detectEvery, cuts });
      const startFrame = gridPeriodFrames;
      const part = await watch(scene, { startFrame, endFrame: 215, detectEvery, cuts });
      expect(part).toEqual(all.slice(startFrame));
    },
  );

  it('fails when the network fails', async () => {
    const network = createFakeBlazeFace();
    const failing = {
      load: async () => ({
        ...(await network.load('blazeface')),
        run: () => Promise.reject(new Error('no memory')),
      }),
    };
    await expect(
      watch(still, { endFrame: 1, network: { ...network, ...failing } }),
    ).rejects.toThrow('no memory');
  });
});
