import type { FaceDetection } from '@avd/domain';
import type { Progress, StageContext } from '@avd/stage-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDetectFaces, type DetectFacesOutput } from './detect-faces.js';
import { createFakeDetector, createFakeMedia } from './fake-media.js';
import type { FaceDetector } from './face-detector.js';

const params = { detector: 'fake', detectEvery: 1 };
const never = new AbortController().signal;

function contextOf(greyByFrame: readonly number[], signal = never, seen: Progress[] = []) {
  const media = createFakeMedia(greyByFrame);
  const report = (progress: Progress): void => void seen.push(progress);
  return { media, context: { signal, media, models: {}, report } as unknown as StageContext };
}

async function detect(
  greyByFrame: readonly number[],
  detector: FaceDetector,
  startFrame: number,
  endFrame: number,
): Promise<DetectFacesOutput> {
  const stage = createDetectFaces({ fake: async () => detector });
  const input = { range: { startFrame, endFrame }, frameCount: greyByFrame.length };
  return stage.run(input, params, contextOf(greyByFrame).context);
}

describe('detecting faces in a range of frames', () => {
  const video = fc.array(fc.nat(255), { minLength: 1, maxLength: 60 });

  it('finds the same however the video is split into ranges', async () => {
    await fc.assert(
      fc.asyncProperty(
        video,
        fc.array(fc.nat(60), { maxLength: 6 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 4 }),
        async (greyByFrame, cuts, period, every) => {
          const create = (): FaceDetector =>
            createFakeDetector(period, (frame) => frame % every === 0);
          const whole = await detect(greyByFrame, create(), 0, greyByFrame.length);
          const limits = [0, ...cuts, greyByFrame.length]
            .map((limit) => Math.min(limit, greyByFrame.length))
            .sort((a, b) => a - b);
          const parts: DetectFacesOutput[] = [];
          for (let i = 1; i < limits.length; i++) {
            parts.push(await detect(greyByFrame, create(), limits[i - 1]!, limits[i]!));
          }
          expect({
            detections: parts.flatMap((part) => part.detections),
            contentScores: parts.flatMap((part) => part.contentScores),
          }).toEqual(whole);
          expect(whole.detections).toHaveLength(greyByFrame.length);
        },
      ),
    );
  });

  it('scores the change from frame to frame and says which frames were not looked at', async () => {
    const detector = createFakeDetector(1, (frame) => frame === 1);
    const { contentScores, detections } = await detect([30, 60, 60, 0], detector, 0, 4);
    expect(contentScores).toEqual([0, 10, 0, 20]);
    expect(detections.map((faces) => faces?.length ?? null)).toEqual([null, 1, null, null]);
  });

  it('decodes only as far back as the detector remembers and the score needs', async () => {
    const frames = new Array<number>(100).fill(9);
    const stage = createDetectFaces({ fake: async () => createFakeDetector(8, () => true) });
    const { media, context } = contextOf(frames);
    const range = { startFrame: 61, endFrame: 70 };
    await stage.run({ range, frameCount: 100 }, params, context);
    expect(media.asked).toEqual([{ startFrame: 55, endFrame: 70 }]);
  });

  it('goes on decoding while a bounded number of detections is under way', async () => {
    const detector = createFakeDetector(1, () => true);
    await detect(new Array<number>(60).fill(9), detector, 0, 60);
    expect(detector.mostInFlight()).toBeGreaterThan(1);
    expect(detector.mostInFlight()).toBeLessThanOrEqual(5);
  });

  it('does so as well when only every fifth frame is looked at', async () => {
    const detector = createFakeDetector(1, (frameIndex) => frameIndex % 5 === 0);
    await detect(new Array<number>(60).fill(9), detector, 0, 60);
    expect(detector.mostInFlight()).toBeGreaterThan(1);
    expect(detector.mostInFlight()).toBeLessThanOrEqual(5);
  });

  it('fails with the error of the detector after all work under way has ended', async () => {
    let underWay = 0;
    const detector: FaceDetector = {
      gridPeriodFrames: 1,
      detect: async (frame): Promise<FaceDetection[]> => {
        underWay++;
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        if (frame.frameIndex >= 10) throw new Error(`no luck with ${frame.frameIndex}`);
        return [];
      },
    };
    const frames = new Array<number>(60).fill(9);
    await expect(detect(frames, detector, 0, 60)).rejects.toThrow('no luck with 10');
    expect(underWay).toBe(0);
  });

  it('stops when asked to', async () => {
    const controller = new AbortController();
    const detector: FaceDetector = {
      gridPeriodFrames: 1,
      detect: async (frame) => {
        if (frame.frameIndex === 5) controller.abort();
        expect(frame.frameIndex).toBeLessThanOrEqual(5);
        return [];
      },
    };
    const stage = createDetectFaces({ fake: async () => detector });
    const { context } = contextOf(new Array<number>(60).fill(9), controller.signal);
    const input = { range: { startFrame: 0, endFrame: 60 }, frameCount: 60 };
    await expect(stage.run(input, params, context)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('reports progress up to the last frame of the range', async () => {
    const seen: Progress[] = [];
    const stage = createDetectFaces({ fake: async () => createFakeDetector(10, () => true) });
    const { context } = contextOf(new Array<number>(80).fill(9), never, seen);
    await stage.run({ range: { startFrame: 15, endFrame: 75 }, frameCount: 80 }, params, context);
    expect(seen.map(({ done, total }) => [done, total])).toEqual([
      [25, 60],
      [50, 60],
      [60, 60],
    ]);
  });

  it.each([
    ['an unknown detector', { ...params, detector: 'nobody' }, 10, 'UNKNOWN_FACE_DETECTOR'],
    ['an impossible step', { ...params, detectEvery: 0 }, 10, 'INVALID_DETECT_EVERY'],
    ['frames beyond the video', params, 11, 'FRAME_RANGE_OUTSIDE_VIDEO'],
  ])('refuses %s', async (_what, badParams, endFrame, reason) => {
    const stage = createDetectFaces({ fake: async () => createFakeDetector(1, () => true) });
    const { context } = contextOf(new Array<number>(10).fill(9));
    const input = { range: { startFrame: 0, endFrame }, frameCount: 10 };
    await expect(stage.run(input, badParams, context)).rejects.toMatchObject({ reason });
  });

  it('says so when the file ends before its last frame', async () => {
    const stage = createDetectFaces({ fake: async () => createFakeDetector(1, () => true) });
    const { context } = contextOf([1, 2, 3]);
    const input = { range: { startFrame: 0, endFrame: 5 }, frameCount: 5 };
    await expect(stage.run(input, params, context)).rejects.toMatchObject({
      reason: 'FRAMES_MISSING',
    });
  });
});
