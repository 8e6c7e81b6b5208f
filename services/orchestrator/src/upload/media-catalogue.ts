import type { BlobRef, BlobStore } from '@avd/stage-kit';
import { resultKey } from '@avd/stage-kit';

/** An uploaded file. */
export interface UploadedMedia {
  readonly blob: BlobRef;
  readonly fileName: string;
  /** As the client gave it. */
  readonly contentType: string;
  /** ISO 8601. */
  readonly createTime: string;
}

/** The uploaded files by their SHA-256. */
export interface MediaCatalogue {
  /** @returns undefined when there is no such file, or no more */
  get(sha256: string, signal?: AbortSignal): Promise<UploadedMedia | undefined>;
  /** The same bytes uploaded again take the newer name. */
  put(media: UploadedMedia, signal?: AbortSignal): Promise<void>;
  /** Forgets the file; its bytes stay where they are. */
  forget(sha256: string): Promise<void>;
}

const JSON_TYPE = 'application/json';
type Entry = UploadedMedia | { readonly removed: true };

/** Keeps what is known of a file beside its bytes: a pointer to a small JSON blob. */
export function openMediaCatalogue(blobs: BlobStore): MediaCatalogue {
  const keyOf = (sha256: string): string => resultKey({ uploadedMedia: sha256 });
  const write = async (sha256: string, entry: Entry, signal?: AbortSignal): Promise<void> => {
    const ref = await blobs.put(Buffer.from(JSON.stringify(entry)), JSON_TYPE, signal);
    await blobs.putPointer(keyOf(sha256), ref, signal);
  };
  return {
    async get(sha256, signal) {
      const ref = await blobs.getPointer(keyOf(sha256), signal);
      if (ref === undefined) return undefined;
      const text = Buffer.from(await blobs.get(ref.sha256, signal)).toString('utf8');
      const entry = JSON.parse(text) as Entry;
      if ('removed' in entry || !(await blobs.has(sha256, signal))) return undefined;
      return entry;
    },
    put: (media, signal) => write(media.blob.sha256, media, signal),
    // A pointer cannot be removed: it then leads to the note that the file is gone.
    forget: (sha256) => write(sha256, { removed: true }),
  };
}
