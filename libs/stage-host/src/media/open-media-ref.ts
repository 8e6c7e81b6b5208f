import type { stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { openMedia } from '@avd/media';
import type { BlobStore, MediaReader } from '@avd/stage-kit';
import { fetchDerivedFile } from './derived-files.js';
import { tracedFrames } from './traced-frames.js';
import { openSound } from './sound-reader.js';

/** What a method looks at: it decides what has to be brought to the worker. */
export type MediaNeed = 'none' | 'sound' | 'pictures' | 'both';

/** Brings a medium to this machine; disposing gives the file free. */
export type FetchMedia = (
  uri: string,
  expectedSha256: string | undefined,
  signal: AbortSignal,
) => Promise<AsyncDisposable & { readonly path: string; readonly sha256: string }>;

export interface OpenMediaRefOptions {
  readonly workDir: string;
  readonly blobs: BlobStore;
  readonly fetchMedia: FetchMedia;
  /** Threads of the decoder. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

export interface OpenedMedia extends MediaReader, AsyncDisposable {
  /** SHA-256 of the medium. */
  readonly digest: string;
}

/**
 * Opens a recording for one call of a method. Files derived from it before (its facts, its sound) come from the blob
 * store; without them they are made here.
 * @throws AvdError as fetching and `openMedia` do; precondition MEDIA_CHANGED when it is not the recording of the job
 */
export async function openMediaRef(
  ref: stageV1.MediaRef,
  need: MediaNeed,
  { workDir, blobs, fetchMedia, threads, signal }: OpenMediaRefOptions,
): Promise<OpenedMedia> {
  if (need === 'none') return withDigest(noMedia, ref.sha256);
  const isSound = ({ name }: stageV1.DerivedFile): boolean => name.endsWith('.wav');
  const sound = ref.derived.find(isSound);
  if (need === 'sound' && sound !== undefined) {
    return withDigest(
      await openSound(await fetchDerivedFile(sound, workDir, blobs, signal)),
      ref.sha256,
    );
  }
  for (const file of ref.derived) {
    if (need === 'both' || !isSound(file)) await fetchDerivedFile(file, workDir, blobs, signal);
  }
  const fetched = await fetchMedia(ref.uri, ref.sha256 === '' ? undefined : ref.sha256, signal);
  try {
    const { path, sha256 } = fetched;
    const withSound = need !== 'pictures';
    const options = { workDir, signal, threads, cacheKey: sha256, withSound };
    return withDigest(await openMedia(path, options), sha256, fetched);
  } catch (error) {
    await fetched[Symbol.asyncDispose]();
    throw error;
  }
}

const noMedia: MediaReader & AsyncDisposable = {
  info: { durationSec: 0 },
  frames() {
    throw new AvdError('internal', 'NO_PICTURES', 'This method looks at no recording.');
  },
  samples: async () => new Int16Array(0),
  [Symbol.asyncDispose]: async () => undefined,
};

function withDigest(
  media: MediaReader & AsyncDisposable,
  digest: string,
  file?: AsyncDisposable,
): OpenedMedia {
  return {
    digest,
    info: media.info,
    frames: (range, options) => tracedFrames(range, media.frames(range, options)),
    samples: (startSample, endSample) => media.samples(startSample, endSample),
    async [Symbol.asyncDispose]() {
      await media[Symbol.asyncDispose]();
      await file?.[Symbol.asyncDispose]();
    },
  };
}
