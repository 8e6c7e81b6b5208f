import type { BlobStore } from '@avd/stage-kit';

/** A blob store that may hold connections: dispose of it after the last use. */
export interface OpenedBlobStore extends BlobStore, AsyncDisposable {}
