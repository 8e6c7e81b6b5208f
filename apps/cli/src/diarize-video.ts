import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { recordingName, type Diarization } from '@avd/domain';
import { createModelPool, int8Models } from '@avd/inference';
import { contentDigest, openMedia, type MediaFile } from '@avd/media';
import { locateModel } from '@avd/models';
import { resultFiles, runVideoJob, type DiarizeSettings, type StepResults } from '@avd/pipeline';
import type { ResultStore } from '@avd/stage-kit';
import { folderStore } from '@avd/storage';
import type { JobEvent } from './progress/reporter.js';
import {
  ANNOTATED_VIDEO_NAME,
  annotateVideo,
  refuseToOverwriteInput,
} from './report/annotate-video.js';
import { renderReport } from './report/render-report.js';
import { writeResults } from './write-results.js';

export interface DiarizeVideoOptions {
  /** Video or sound file. */
  readonly input: string;
  /** Folder for result.rttm, result.json and diarization.json; made when absent. */
  readonly outDir: string;
  readonly settings: DiarizeSettings;
  /** Also write report.html: `link` refers to the video, `embed` puts it into the page. @default 'none' */
  readonly report?: 'none' | 'link' | 'embed';
  /** Also write out.mp4: the recording with boxes, names and a timeline. Needs pictures. */
  readonly visualize?: {
    /** Width of the video in pixels; @default that of the recording */
    readonly width?: number;
  };
  /** Finished stages are kept here and reused; without it nothing stays. */
  readonly cacheDir?: string;
  /** Where converted model files are kept, @default the user's cache folder */
  readonly ckptDir?: string;
  /** @default number of processor cores */
  readonly threads?: number;
  /** Of them for each run of a network; more than 1 changes the last bits of some results. @default 1 */
  readonly threadsPerRun?: number;
  /** What runs the networks, in order of preference: cpu, cuda, tensorrt. @default ['cpu'] */
  readonly executionProviders?: readonly string[];
  /** Frames worked on at a time; never changes the result. @default 1500 */
  readonly chunkFrames?: number;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: JobEvent) => void;
}

export interface DiarizeVideoResult {
  readonly diarization: Diarization;
  readonly elapsedSec: number;
}

const DEFAULT_CHUNK_FRAMES = 1500;
const CONCURRENT_TASKS = 2;
/** Keeps nothing. */
const noStore: ResultStore = { get: async () => undefined, put: async () => undefined };

/**
 * Says who spoke when in one video and writes result.rttm, result.json (VIA 3), diarization.json and what else was asked
 * for, all or none.
 * @throws AvdError; nothing is written then
 */
export async function diarizeVideo(options: DiarizeVideoOptions): Promise<DiarizeVideoResult> {
  const startedMs = performance.now();
  const signal = options.signal ?? new AbortController().signal;
  if (options.visualize !== undefined) await refuseToOverwriteInput(options.input, options.outDir);
  const mediaDigest = await contentDigest(options.input, signal);
  const tempDir =
    options.cacheDir === undefined ? await mkdtemp(path.join(tmpdir(), 'avd-')) : undefined;
  try {
    const workDir = tempDir ?? path.join(options.cacheDir!, 'media');
    const threads = options.threads ?? availableParallelism();
    await using media = await openMedia(options.input, {
      workDir,
      signal,
      threads,
      cacheKey: mediaDigest,
    });
    options.onEvent?.({ type: 'start', input: options.input, durationSec: media.info.durationSec });
    const results = await runSteps(options, media, mediaDigest, threads, signal);
    const { diarization, files } = resultFiles(
      {
        recording: recordingName(options.input),
        info: media.info,
        notices: media.notices,
        results,
        settings: options.settings,
      },
      path.basename(options.input),
    );
    for (const message of diarization.notices) options.onEvent?.({ type: 'notice', message });
    if (options.visualize !== undefined && media.info.video === undefined) {
      const message = `There are no pictures to draw into, so ${ANNOTATED_VIDEO_NAME} is not written.`;
      options.onEvent?.({ type: 'notice', message });
    }
    const document = files['diarization.json']!;
    const report =
      (options.report ?? 'none') === 'none'
        ? {}
        : { 'report.html': await reportPage(options, document, results, media, signal) };
    await writeResults(options.outDir, {
      ...files,
      ...report,
      ...(options.visualize !== undefined &&
        media.info.video !== undefined && {
          [ANNOTATED_VIDEO_NAME]: (outPath: string) =>
            annotateVideo(outPath, {
              input: options.input,
              diarization,
              tracks: results.linkTracks?.[0]?.tracks ?? [],
              scores: results.scoreLips?.[0]?.tracks ?? [],
              ...{ workDir, cacheKey: mediaDigest, threads, signal, ...options.visualize },
              ...(options.onEvent && { onEvent: options.onEvent }),
            }),
        }),
    });
    return { diarization, elapsedSec: (performance.now() - startedMs) / 1000 };
  } finally {
    if (tempDir !== undefined) await rm(tempDir, { recursive: true, force: true });
  }
}

function reportPage(
  { input, outDir, report }: DiarizeVideoOptions,
  document: string,
  results: StepResults,
  media: MediaFile,
  signal: AbortSignal,
): Promise<string> {
  return renderReport({
    input,
    outDir,
    embed: report === 'embed',
    document,
    tracks: results.linkTracks?.[0]?.tracks ?? [],
    scores: results.scoreLips?.[0]?.tracks ?? [],
    media,
    signal,
  });
}

async function runSteps(
  options: DiarizeVideoOptions,
  media: MediaFile,
  mediaDigest: string,
  threads: number,
  signal: AbortSignal,
): Promise<StepResults> {
  const { ckptDir, settings, threadsPerRun = 1, executionProviders } = options;
  await using models = createModelPool({
    threads: Math.max(1, Math.floor(threads / threadsPerRun)),
    threadsPerRun,
    ...(executionProviders && { providers: executionProviders }),
    locate: (name, form) => locateModel(name, { form, cacheDir: ckptDir }),
  });
  return await runVideoJob({
    media,
    mediaDigest,
    models: settings.precision === 'int8' ? int8Models(models) : models,
    store:
      options.cacheDir === undefined
        ? noStore
        : folderStore(path.join(options.cacheDir, 'results')),
    settings,
    chunkFrames: options.chunkFrames ?? DEFAULT_CHUNK_FRAMES,
    concurrency: CONCURRENT_TASKS,
    signal,
    onEvent: (event) => options.onEvent?.(event),
  });
}
