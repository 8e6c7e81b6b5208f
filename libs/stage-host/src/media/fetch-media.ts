import path from 'node:path';
import type { CommonSettings } from '@avd/config';
import type { BlobStore } from '@avd/stage-kit';
import { fetchMedia } from '@avd/storage';
import type { FetchMedia } from './open-media-ref.js';

/** Brings recordings to this machine, as far as the settings allow. */
export function mediaFetcher(settings: CommonSettings, blobs: BlobStore): FetchMedia {
  return (uri, expectedSha256, signal) =>
    fetchMedia(uri, {
      allowedRoots: settings.mediaRoots,
      allowedHosts: settings.mediaHosts,
      allowPrivateAddresses: settings.mediaAllowPrivate,
      workDir: path.join(settings.workDir, 'fetched'),
      maxCacheBytes: settings.mediaCacheBytes,
      s3: {
        allowedBuckets: settings.mediaBuckets,
        ...(settings.mediaS3Endpoint !== undefined && {
          endpoint: settings.mediaS3Endpoint,
          forcePathStyle: true,
        }),
      },
      ...(expectedSha256 !== undefined && { sha256: expectedSha256 }),
      blobs,
      signal,
    });
}
