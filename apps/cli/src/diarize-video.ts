import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import {
  diarizationToRttmTurns,
  diarizationToVia,
  formatRttm,
  formatViaProject,
  recordingName,
  type Diarization,
} from '@avd/domain';
import { createModelPool } from '@avd/inference';
import { contentDigest, openMedia, type MediaFile } from '@avd/media';
import { locateModel } from '@avd/models';
import { runVideoJob, type DiarizeSettings, type StepResults } from '@avd/pipeline';
import type { ResultStore } from '@avd/stage-kit';
import { folderStore } from '@avd/storage';
import { diarizationDocument } from './diarization-document.js';
import type { JobEvent } from './progress/reporter.js';
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
  /** Finished stages are kept here and reused; without it nothing stays. */
  readonly cacheDir?: string;
  /** Where converted model files are kept, @default the user's cache folder */
  readonly ckptDir?: string;
  /** @default number of processor cores */
  readonly threads?: number;
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
 * Says who spoke when in one video and writes result.rttm, result.json (VIA 3) and diarization.json, all or none.
 * @throws AvdError; nothing is written then
 */
export async function diarizeVideo(options: DiarizeVideoOptions): Promise<DiarizeVideoResult> {
  const startedMs = performance.now();
  const signal = options.signal ?? new AbortController().signal;
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
    const notices = [...media.notices, ...missingParts(media)];
    for (const message of notices) options.onEvent?.({ type: 'notice', message });
    const diarization = toDiarization(options.input, media, results, notices);
    const document = diarizationDocument(diarization, results, options.settings);
    const report =
      (options.report ?? 'none') === 'none'
        ? {}
        : { 'report.html': await reportPage(options, document, results, media, signal) };
    await writeResults(options.outDir, {
      'result.rttm': formatRttm(diarizationToRttmTurns(diarization)),
      'result.json': formatViaProject(diarizationToVia(diarization, path.basename(options.input))),
      'diarization.json': document,
      ...report,
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
  const { ckptDir } = options;
  await using models = createModelPool({
    threads,
    locate: (name) => locateModel(name, ckptDir === undefined ? {} : { cacheDir: ckptDir }),
  });
  return await runVideoJob({
    media,
    mediaDigest,
    models,
    store:
      options.cacheDir === undefined
        ? noStore
        : folderStore(path.join(options.cacheDir, 'results')),
    settings: options.settings,
    chunkFrames: options.chunkFrames ?? DEFAULT_CHUNK_FRAMES,
    concurrency: CONCURRENT_TASKS,
    signal,
    onEvent: (event) => options.onEvent?.(event),
  });
}

function missingParts({ info }: MediaFile): string[] {
  if (info.audio === undefined)
    return ['The file has no sound, so nobody can be heard: the result is empty.'];
  if (info.video === undefined)
    return ['The file has no picture: speakers are told apart by voice alone.'];
  return [];
}

function toDiarization(
  input: string,
  media: MediaFile,
  results: StepResults,
  notices: readonly string[],
): Diarization {
  const { turns, speakers } = results.diarize?.[0] ?? { turns: [], speakers: [] };
  return {
    recording: recordingName(input),
    durationSec: media.info.durationSec,
    turns,
    speakers,
    notices,
  };
}
