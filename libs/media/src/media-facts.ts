import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { AvdError } from '@avd/domain';
import type { FfmpegTools } from './ffmpeg-tools.js';
import { firstPictureSize, firstSoundSec } from './first-decoded.js';
import { type LocatedPictures, type LocatedStreams, locateStreams } from './locate-streams.js';
import type { PictureTimes } from './picture-times.js';
import { type MediaProbe, probeMedia } from './probe.js';
import { tempNameFor } from './temp-name.js';
import { isThere, type WorkFiles } from './work-files.js';

/** All that has to be known of a file before its frames and samples can be addressed. */
export interface MediaFacts {
  /** Of the file the user named. */
  readonly probe: MediaProbe;
  /** Of the file that is decoded: the same, or the copy in the work folder. */
  readonly located: LocatedStreams;
  /** As shown, after rotation; absent without pictures. */
  readonly pictureSize?: { readonly width: number; readonly height: number };
  /** When the first sample is presented; absent when there is no sound or it is empty. */
  readonly soundStartSec?: number;
}

/** Gathers the facts, or reads them from the work folder: the time stamps of an hour of video take seconds to list. */
export async function factsOf(
  mediaPath: string,
  files: WorkFiles,
  tools: FfmpegTools,
  signal: AbortSignal,
  onRemuxProgress: (doneSec: number, totalSec: number) => void,
): Promise<MediaFacts> {
  const known = await readFacts(files);
  if (known !== undefined) return known;
  const probe = await probeMedia(mediaPath, tools, signal);
  const located = await locateStreams(
    mediaPath,
    probe,
    files.matroskaPath,
    tools,
    signal,
    (doneSec) => onRemuxProgress(doneSec, probe.durationSec ?? 0),
  );
  const { video, audio } = located.probe;
  const decodedPath = decodedPathOf(located, mediaPath, files);
  const pictureSize =
    located.pictures &&
    video &&
    (await firstPictureSize(decodedPath, video.streamIndex, tools, signal));
  const soundStartSec = audio && (await firstSoundSec(decodedPath, audio, tools, signal));
  const facts: MediaFacts = {
    probe,
    located,
    ...(pictureSize && { pictureSize }),
    ...(soundStartSec !== undefined && { soundStartSec }),
  };
  await writeFacts(files.factsPath, facts);
  return facts;
}

export function decodedPathOf(
  located: LocatedStreams,
  mediaPath: string,
  files: WorkFiles,
): string {
  return located.isCopy ? files.matroskaPath : mediaPath;
}

/** Time stamps as distances: most are the same small number. */
type StoredTimes = Omit<PictureTimes, 'ptsTicks'> & { readonly distances: readonly number[] };

/** The facts as JSON. */
type StoredFacts = Omit<MediaFacts, 'located'> & {
  readonly located: Omit<LocatedStreams, 'pictures'> & {
    readonly pictures?: Omit<LocatedPictures, 'times'> & { readonly times: StoredTimes };
  };
};

async function writeFacts(factsPath: string, facts: MediaFacts): Promise<void> {
  const { pictures, ...located } = facts.located;
  const stored: StoredFacts = {
    ...facts,
    located: {
      ...located,
      ...(pictures && { pictures: { ...pictures, times: packTimes(pictures.times) } }),
    },
  };
  const tempPath = tempNameFor(factsPath);
  try {
    await writeFile(tempPath, JSON.stringify(stored));
    await rename(tempPath, factsPath);
  } catch (error) {
    await rm(tempPath, { force: true });
    throw AvdError.from(error);
  }
}

/** Undefined when there are none, or the copy they speak of is gone. */
async function readFacts(files: WorkFiles): Promise<MediaFacts | undefined> {
  const stored = await readFile(files.factsPath, 'utf8')
    .then((text) => JSON.parse(text) as StoredFacts)
    .catch(() => undefined);
  if (stored === undefined) return undefined;
  if (stored.located.isCopy && !(await isThere(files.matroskaPath))) return undefined;
  const { pictures, ...located } = stored.located;
  return {
    ...stored,
    located: {
      ...located,
      ...(pictures && { pictures: { ...pictures, times: unpackTimes(pictures.times) } }),
    },
  };
}

function packTimes({ ptsTicks, ...rest }: PictureTimes): StoredTimes {
  return { ...rest, distances: Array.from(ptsTicks, (pts, i) => pts - (ptsTicks[i - 1] ?? 0)) };
}

function unpackTimes({ distances, ...rest }: StoredTimes): PictureTimes {
  let ticks = 0;
  return { ...rest, ptsTicks: Float64Array.from(distances, (distance) => (ticks += distance)) };
}
