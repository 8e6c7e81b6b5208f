import path from 'node:path';
import { AvdError, type FrameRange, FRAMES_PER_SEC, SAMPLE_RATE_HZ } from '@avd/domain';
import type { MediaInfo, MediaReader, VideoFrame } from '@avd/stage-kit';
import { checkMediaFile } from './check-file.js';
import { type MediaClock, clockOfSound, clockOfVideo, frameCountOf } from './clock.js';
import { extractAudio } from './extract-audio.js';
import { findFfmpeg, type FfmpegTools } from './ffmpeg-tools.js';
import type { LocatedStreams } from './locate-streams.js';
import { nothingUsable } from './media-errors.js';
import { decodedPathOf, factsOf, type MediaFacts } from './media-facts.js';
import { frameRateKind } from './picture-times.js';
import type { MediaProbe } from './probe.js';
import { type FrameOptions, readFrames, type VideoSource } from './video-frames.js';
import { WavReader } from './wav-reader.js';
import { isThere, workFilesFor } from './work-files.js';

export interface OpenMediaOptions {
  /** Folder for derived files: the sound as WAV, and a copy of the packets where the container needs one. Kept. */
  readonly workDir: string;
  readonly signal: AbortSignal;
  /** Threads of one decoder. Default 2. */
  readonly threads?: number;
  /** False leaves the sound out (`info.audio` is absent), which saves its extraction. Default true. */
  readonly withSound?: boolean;
  /** Identity of the content, e.g. its digest: derived files in `workDir` are shared under it. */
  readonly cacheKey?: string;
  /** Work before the first frame can be read; `doneSec` are seconds of media. */
  readonly onProgress?: (progress: OpenProgress) => void;
}

export interface OpenProgress {
  readonly phase: 'remux' | 'sound';
  readonly doneSec: number;
  readonly totalSec: number;
}

/** A `MediaReader` with what else is known of the file. Disposing it ends its decoders; derived files stay. */
export interface MediaFile extends MediaReader, AsyncDisposable {
  readonly probe: MediaProbe;
  /** Absent without pictures. */
  readonly frameRateKind?: 'constant' | 'variable';
  /** The extracted sound: 16 kHz mono 16-bit WAV in the work folder, named by the content key; stays after closing. */
  readonly soundPath?: string;
  /** Sentences for the user about a file that can be used but is not sound. */
  readonly notices: readonly string[];
  frames(range: FrameRange, options: FrameOptions): AsyncIterable<VideoFrame>;
}

const DEFAULT_THREADS = 2;

/**
 * Opens a video or sound file on the clock described at `MediaClock`.
 *
 * @throws AvdError as `findFfmpeg`, `probeMedia`, `readFrames` and `extractAudio` do
 */
export async function openMedia(mediaPath: string, options: OpenMediaOptions): Promise<MediaFile> {
  const { signal, workDir, onProgress = () => undefined } = options;
  await checkMediaFile(mediaPath);
  const tools = await findFfmpeg();
  const files = await workFilesFor(mediaPath, workDir, options.cacheKey);
  const facts = await factsOf(mediaPath, files, tools, signal, (doneSec, totalSec) =>
    onProgress({ phase: 'remux', doneSec, totalSec }),
  );
  const decodedPath = decodedPathOf(facts.located, mediaPath, files);
  const clock = chooseClock(mediaPath, facts);
  const video = videoSource(decodedPath, facts, clock);
  let wav: WavReader | undefined;
  const sound = facts.located.probe.audio;
  if (sound !== undefined && facts.soundStartSec !== undefined && options.withSound !== false) {
    if (!(await isThere(files.wavPath))) {
      const source = {
        path: decodedPath,
        streamIndex: sound.streamIndex,
        clock: soundClock(facts.located, clock),
      };
      const totalSec = facts.probe.durationSec ?? 0;
      await extractAudio(source, files.wavPath, tools, signal, (doneSec) =>
        onProgress({ phase: 'sound', doneSec, totalSec }),
      );
    }
    wav = await WavReader.open(files.wavPath);
  }
  return new OpenedMedia(tools, options.threads ?? DEFAULT_THREADS, video, wav, {
    probe: facts.probe,
    notices: noticesOf(mediaPath, facts, wav),
    ...(video && { frameRateKind: frameRateKind(video.times) }),
    ...(wav && wav.sampleCount > 0 && { soundPath: files.wavPath }),
  });
}

/** @throws AvdError media NO_AUDIO_OR_VIDEO when both streams are empty */
export function chooseClock(mediaPath: string, { located, soundStartSec }: MediaFacts): MediaClock {
  const { probe, pictures } = located;
  if (pictures !== undefined) {
    const countStartSec = pictures.counted?.startSec ?? 0;
    const sinceCountSec = soundStartSec === undefined ? undefined : soundStartSec - countStartSec;
    return clockOfVideo(pictures.times, sinceCountSec);
  }
  if (probe.audio === undefined || soundStartSec === undefined) throw nothingUsable(mediaPath);
  return clockOfSound(soundStartSec, probe.audio.timeBase);
}

/** The clock on the time stamps of the file, where the pictures are on a count of their own. */
export function soundClock({ pictures }: LocatedStreams, clock: MediaClock): MediaClock {
  const startSec = pictures?.counted?.startSec ?? 0;
  const startTicks = (startSec * clock.timeBase.den) / clock.timeBase.num;
  return { ...clock, originTicks: clock.originTicks + startTicks };
}

function videoSource(
  decodedPath: string,
  { located, pictureSize }: MediaFacts,
  clock: MediaClock,
): VideoSource | undefined {
  const { pictures, probe } = located;
  if (pictures === undefined || probe.video === undefined || pictureSize === undefined)
    return undefined;
  return {
    path: decodedPath,
    streamIndex: probe.video.streamIndex,
    times: pictures.times,
    clock,
    frameCount: frameCountOf(clock, pictures.times),
    ...pictureSize,
    isSeekable: pictures.isSeekable,
    ...(pictures.counted && { countedRate: pictures.counted.rate }),
  };
}

const MISSING_END_SEC = 0.5;

/** A copy that broke off keeps its headers: they promise more than there is. */
function noticesOf(mediaPath: string, facts: MediaFacts, wav: WavReader | undefined): string[] {
  const { probe, located } = facts;
  const pictures = located.pictures;
  if (pictures === undefined || pictures.counted !== undefined) return [];
  const { ptsTicks, endTicks, timeBase } = pictures.times;
  const pictureSec = ((endTicks - ptsTicks[0]!) * timeBase.num) / timeBase.den;
  const soundSec = (wav?.sampleCount ?? 0) / SAMPLE_RATE_HZ;
  // Matroska states one length for the whole file.
  const promisedSec = probe.video?.durationSec ?? probe.durationSec ?? 0;
  const thereSec =
    probe.video?.durationSec === undefined ? Math.max(pictureSec, soundSec) : pictureSec;
  const isSoundKnown = wav !== undefined || probe.audio === undefined;
  if (probe.video?.durationSec === undefined && !isSoundKnown) return [];
  if (promisedSec - thereSec < MISSING_END_SEC) return [];
  const name = path.basename(mediaPath);
  return [
    `"${name}" is cut off: only ${thereSec.toFixed(1)} of its ${promisedSec.toFixed(1)} s are there and were read.`,
  ];
}

class OpenedMedia implements MediaFile {
  readonly info: MediaInfo;
  readonly probe: MediaProbe;
  readonly notices: readonly string[];
  declare readonly frameRateKind?: 'constant' | 'variable';
  declare readonly soundPath?: string;
  readonly #tools: FfmpegTools;
  readonly #threads: number;
  readonly #video: VideoSource | undefined;
  readonly #wav: WavReader | undefined;
  readonly #closing = new AbortController();

  constructor(
    tools: FfmpegTools,
    threads: number,
    video: VideoSource | undefined,
    wav: WavReader | undefined,
    facts: Pick<MediaFile, 'probe' | 'notices' | 'frameRateKind' | 'soundPath'>,
  ) {
    this.#tools = tools;
    this.#threads = threads;
    this.#video = video;
    this.#wav = wav;
    this.probe = facts.probe;
    this.notices = facts.notices;
    if (facts.frameRateKind !== undefined) this.frameRateKind = facts.frameRateKind;
    if (facts.soundPath !== undefined) this.soundPath = facts.soundPath;
    const frameCount = video?.frameCount ?? 0;
    const sampleCount = wav?.sampleCount ?? 0;
    this.info = {
      ...(video && { video: { width: video.width, height: video.height, frameCount } }),
      ...(sampleCount > 0 && { audio: { sampleCount } }),
      durationSec: Math.max(frameCount / FRAMES_PER_SEC, sampleCount / SAMPLE_RATE_HZ),
    };
  }

  frames(range: FrameRange, options: FrameOptions): AsyncGenerator<VideoFrame, void, undefined> {
    if (this.#video === undefined) {
      throw new AvdError('invalidInput', 'NO_PICTURES', 'This file has sound but no pictures.');
    }
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    return readFrames(this.#video, range, { ...options, signal }, this.#tools, this.#threads);
  }

  async samples(startSample: number, endSample: number): Promise<Int16Array> {
    return this.#wav?.samples(startSample, endSample) ?? new Int16Array(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#wav?.[Symbol.asyncDispose]();
  }
}
