import { createReadStream } from 'node:fs';
import path from 'node:path';
import { secToDuration, stageV1 } from '@avd/contracts';
import { derivedFilesOf, openMedia } from '@avd/media';
import { toArtifactRef, type Artifacts, type FetchMedia, type TaskHandler } from '@avd/stage-host';
import type { BlobStore } from '@avd/stage-kit';

export interface MediaTaskOptions {
  readonly workDir: string;
  readonly blobs: BlobStore;
  readonly artifacts: Artifacts;
  readonly fetchMedia: FetchMedia;
  /** Threads of the decoder. */
  readonly threads: number;
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.wav': 'audio/wav',
  '.json': 'application/json',
  '.mkv': 'video/x-matroska',
};

/**
 * `media.PrepareMedia`: brings the recording in, gathers its facts and extracts its sound once for all workers.
 */
export function prepareMediaHandler(options: MediaTaskOptions): TaskHandler {
  const { workDir, blobs, artifacts, fetchMedia, threads } = options;
  return async (message, { signal, report }) => {
    const startedMs = performance.now();
    const { source } = message as stageV1.PrepareMediaRequest;
    const uri =
      source?.$case === 'artifact' ? `blob:sha256/${source.value.sha256}` : (source?.value ?? '');
    await using fetched = await fetchMedia(uri, undefined, signal);
    const { path: mediaPath, sha256 } = fetched;
    await using media = await openMedia(mediaPath, {
      ...{ workDir, signal, threads, cacheKey: sha256 },
      onProgress: ({ doneSec, totalSec }) =>
        report({ done: Math.floor(doneSec), total: Math.ceil(totalSec), unit: 'seconds' }),
    });
    const derived: stageV1.DerivedFile[] = [];
    for (const file of await derivedFilesOf(workDir, sha256)) {
      const type = MEDIA_TYPES[path.extname(file)] ?? 'application/octet-stream';
      const artifact = toArtifactRef(await blobs.put(createReadStream(file), type, signal));
      derived.push({ name: path.basename(file), artifact });
    }
    const { video, audio, durationSec } = media.info;
    const result: stageV1.PrepareMediaResult = {
      media: {
        ...{ uri, sha256, derived },
        width: video?.width ?? 0,
        height: video?.height ?? 0,
        frameCount: video?.frameCount ?? 0,
        sampleCount: audio?.sampleCount ?? 0,
        duration: secToDuration(durationSec),
      },
      notices: [...media.notices],
    };
    const ref = await artifacts.write(stageV1.PrepareMediaResult.toJSON(result), signal);
    return { artifact: toArtifactRef(ref), execution: executionSince(startedMs) };
  };
}

/** What is said of a task that no network took part in. */
export function executionSince(startedMs: number): stageV1.ExecutionInfo {
  return {
    reused: false,
    elapsed: secToDuration((performance.now() - startedMs) / 1000),
    stageVersion: '1',
    models: [],
    executionProvider: '',
  };
}
