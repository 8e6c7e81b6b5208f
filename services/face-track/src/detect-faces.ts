import { AvdError, type FaceDetection, type FrameRange } from '@avd/domain';
import type { Stage, StageContext } from '@avd/stage-kit';
import { ContentScorer } from './content-scorer.js';
import type { CreateFaceDetector, FaceDetector, FaceDetectorOptions } from './face-detector.js';
import type { DetectionsByFrame } from './track-shot.js';

export interface DetectFacesInput {
  readonly range: FrameRange;
  /** Frames of the whole video. */
  readonly frameCount: number;
}

export interface DetectFacesOutput {
  /** Faces by frame of the range, null where the detector did not look; shape (range frames). */
  readonly detections: DetectionsByFrame;
  /** Change of every frame of the range against the one before it, 0 for frame 0; shape (range frames). */
  readonly contentScores: readonly number[];
}

export interface DetectFacesParams extends FaceDetectorOptions {
  /** Name of a detector which the stage was made with. */
  readonly detector: string;
}

/** Frames whose detection may be under way while the next one is decoded: bounds the memory. */
const MAX_IN_FLIGHT = 4;
const REPORT_EVERY_FRAMES = 25;

/**
 * Stage that finds the faces in a range of frames. How a video is cut into ranges does not change what is found.
 * @param detectors by the name used in the parameters
 */
export function createDetectFaces(
  detectors: Readonly<Record<string, CreateFaceDetector>>,
): Stage<DetectFacesInput, DetectFacesOutput, DetectFacesParams> {
  return {
    name: 'face-track.DetectFaces',
    version: '1',
    run: async ({ range, frameCount }, params, ctx) => {
      const createDetector = detectors[params.detector];
      if (createDetector === undefined) {
        const known = Object.keys(detectors).join(', ');
        throw new AvdError(
          'invalidInput',
          'UNKNOWN_FACE_DETECTOR',
          `There is no face detector "${params.detector}"; choose one of: ${known}.`,
        );
      }
      if (!Number.isInteger(params.detectEvery) || params.detectEvery < 1) {
        throw new AvdError(
          'invalidInput',
          'INVALID_DETECT_EVERY',
          `Faces can be looked for in every 1st, 2nd, 3rd, … frame, not in every ${params.detectEvery}th.`,
        );
      }
      if (range.startFrame < 0 || range.endFrame > frameCount) {
        throw new AvdError(
          'invalidInput',
          'FRAME_RANGE_OUTSIDE_VIDEO',
          `Frames ${range.startFrame} to ${range.endFrame} are not within the ${frameCount} frames of the video.`,
        );
      }
      return detectRange(await createDetector(params, ctx.models), range, ctx);
    },
  };
}

async function detectRange(
  detector: FaceDetector,
  { startFrame, endFrame }: FrameRange,
  ctx: StageContext,
): Promise<DetectFacesOutput> {
  const frameTotal = Math.max(0, endFrame - startFrame);
  const detections: (readonly FaceDetection[] | null)[] = [];
  const contentScores: number[] = [];
  // The detector starts where its memory would be empty, the scorer one frame earlier.
  const firstDetected =
    Math.floor(startFrame / detector.gridPeriodFrames) * detector.gridPeriodFrames;
  const decoded = { startFrame: Math.max(0, firstDetected - 1), endFrame };
  let inFlight: { readonly stored: Promise<void>; isDone: boolean }[] = [];
  let scorer: ContentScorer | undefined;
  try {
    if (frameTotal > 0) {
      for await (const frame of ctx.media.frames(decoded, { signal: ctx.signal })) {
        ctx.signal.throwIfAborted();
        scorer ??= new ContentScorer(frame.width, frame.height);
        const contentScore = scorer.score(frame);
        if (frame.frameIndex < firstDetected) continue;
        const found = detector.detect(frame, contentScore, ctx.signal);
        const position = frame.frameIndex - startFrame;
        if (position >= 0) contentScores.push(contentScore);
        const stored = found.then((faces) => {
          if (position >= 0) detections[position] = faces ?? null;
        });
        const detection = { stored, isDone: false };
        // A failure is seen when its turn comes; until then it must not count as unhandled.
        stored.then(
          () => (detection.isDone = true),
          () => undefined,
        );
        inFlight.push(detection);
        if (inFlight.length > MAX_IN_FLIGHT) {
          // Frames that are not looked at are done at once: they must not take the place of others.
          inFlight = inFlight.filter(({ isDone }) => !isDone);
          if (inFlight.length > MAX_IN_FLIGHT) await inFlight.shift()!.stored;
        }
        if (position >= 0 && (position + 1) % REPORT_EVERY_FRAMES === 0) {
          ctx.report({ done: position + 1, total: frameTotal, unit: 'frames' });
        }
      }
    }
    await Promise.all(inFlight.map(({ stored }) => stored));
  } finally {
    await Promise.allSettled(inFlight.map(({ stored }) => stored));
  }
  ctx.signal.throwIfAborted();
  if (contentScores.length !== frameTotal) {
    throw new AvdError(
      'media',
      'FRAMES_MISSING',
      `Only ${contentScores.length} of the frames ${startFrame} to ${endFrame} could be decoded.`,
    );
  }
  ctx.report({ done: frameTotal, total: frameTotal, unit: 'frames' });
  return { detections, contentScores };
}
