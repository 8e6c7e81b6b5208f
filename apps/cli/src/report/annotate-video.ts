import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AvdError, type Diarization, type FaceTrack } from '@avd/domain';
import { writeVideo } from '@avd/media';
import { createAnnotator, type TrackSpeaking } from '@avd/render';
import type { JobEvent } from '../progress/reporter.js';

export const ANNOTATED_VIDEO_NAME = 'out.mp4';

export interface AnnotateVideoOptions {
  /** The recording; it must have pictures. */
  readonly input: string;
  readonly diarization: Diarization;
  /** `linkTracks[0].tracks` of the results. */
  readonly tracks: readonly FaceTrack[];
  /** `scoreLips[0].tracks` of the results; empty without sound. */
  readonly scores: readonly TrackSpeaking[];
  /** Where `openMedia` keeps what it derives, and the key it was opened with. */
  readonly workDir: string;
  readonly cacheKey?: string;
  readonly signal: AbortSignal;
  /** Threads of the decoder. */
  readonly threads?: number;
  /** Width of the video in pixels; @default that of the recording */
  readonly width?: number;
  readonly onEvent?: (event: JobEvent) => void;
}

/**
 * Writes the recording as MP4 with boxes from red (does not speak) to green (speaks), names and a timeline.
 *
 * @param outPath appears when it is complete
 * @throws AvdError as `writeVideo` does
 */
export async function annotateVideo(outPath: string, options: AnnotateVideoOptions): Promise<void> {
  const { input, diarization, tracks, scores, onEvent, ...rest } = options;
  const startedMs = performance.now();
  const step = 'annotateVideo';
  const total = Math.ceil(diarization.durationSec);
  let reached = -1;
  await writeVideo(input, outPath, {
    ...rest,
    createDraw: (format) => createAnnotator({ diarization, tracks, scores }, format),
    onProgress: (doneSec) => {
      const done = Math.min(total, Math.floor(doneSec));
      if (done === reached) return;
      reached = done;
      onEvent?.({ type: 'progress', step, done, total, unit: 's' });
    },
  });
  const elapsedSec = (performance.now() - startedMs) / 1000;
  onEvent?.({ type: 'step', step, tasks: 1, reused: 0, elapsedSec });
}

/**
 * A recording which is itself called out.mp4 must not be replaced by its annotated copy.
 * @throws AvdError invalidInput WOULD_OVERWRITE_INPUT
 */
export async function refuseToOverwriteInput(input: string, outDir: string): Promise<void> {
  const out = await realpath(path.join(outDir, ANNOTATED_VIDEO_NAME)).catch(() => undefined);
  if (out === undefined || out !== (await realpath(input).catch(() => undefined))) return;
  throw new AvdError(
    'invalidInput',
    'WOULD_OVERWRITE_INPUT',
    `${ANNOTATED_VIDEO_NAME} in the result folder is the recording itself; choose another folder with -o.`,
  );
}
