import type { stageV1 } from '@avd/contracts';
import type { BlobRef, BlobStore } from '@avd/stage-kit';

const JSON_TYPE = 'application/json';
/** Parsed artifacts kept for the next task: all chunks of a video read the same face tracks. */
const KEPT_BYTES = 64 * 2 ** 20;

/** Results of stages as JSON blobs. */
export class Artifacts {
  readonly #blobs: BlobStore;
  readonly #mostKeptBytes: number;
  readonly #kept = new Map<string, { readonly value: unknown; readonly sizeBytes: number }>();
  #keptBytes = 0;

  /** @param mostKeptBytes bytes of JSON whose values are kept */
  constructor(blobs: BlobStore, mostKeptBytes = KEPT_BYTES) {
    this.#blobs = blobs;
    this.#mostKeptBytes = mostKeptBytes;
  }

  async write(value: unknown, signal?: AbortSignal): Promise<BlobRef> {
    return this.#blobs.put(Buffer.from(JSON.stringify(value)), JSON_TYPE, signal);
  }

  /** What was written. Callers must not change it: others may hold it as well. */
  async read(sha256: string, signal?: AbortSignal): Promise<unknown> {
    const kept = this.#kept.get(sha256);
    if (kept !== undefined) {
      this.#kept.delete(sha256);
      this.#kept.set(sha256, kept);
      return kept.value;
    }
    const bytes = await this.#blobs.get(sha256, signal);
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
    this.#keep(sha256, value, bytes.length);
    return value;
  }

  /** Results of one step, piece by piece. */
  async readAll(addresses: readonly string[], signal?: AbortSignal): Promise<unknown[]> {
    const values: unknown[] = [];
    for (const sha256 of addresses) values.push(await this.read(sha256, signal));
    return values;
  }

  /** Addresses of a list, also where it is so long that it has a blob of its own. */
  async addressesOf(list: stageV1.ArtifactList, signal?: AbortSignal): Promise<string[]> {
    if (list.manifest === undefined) return list.artifacts.map(({ sha256 }) => sha256);
    const refs = (await this.read(list.manifest.sha256, signal)) as readonly BlobRef[];
    return refs.map(({ sha256 }) => sha256);
  }

  #keep(sha256: string, value: unknown, sizeBytes: number): void {
    if (this.#kept.has(sha256)) return;
    this.#kept.set(sha256, { value, sizeBytes });
    this.#keptBytes += sizeBytes;
    for (const [oldest, entry] of this.#kept) {
      if (this.#keptBytes <= this.#mostKeptBytes) break;
      this.#kept.delete(oldest);
      this.#keptBytes -= entry.sizeBytes;
    }
  }
}

/** Longer lists of references get a blob of their own, so that a task stays far below 64 KiB. */
const MAX_INLINE_REFS = 100;

/** @param refs results of one step, piece by piece */
export async function toArtifactList(
  refs: readonly BlobRef[],
  artifacts: Artifacts,
): Promise<stageV1.ArtifactList> {
  if (refs.length <= MAX_INLINE_REFS) {
    return { artifacts: refs.map(toArtifactRef), manifest: undefined };
  }
  return { artifacts: [], manifest: toArtifactRef(await artifacts.write(refs)) };
}

export function toArtifactRef({ sha256, sizeBytes, mediaType }: BlobRef): stageV1.ArtifactRef {
  return { uri: '', sha256, sizeBytes, mediaType };
}
