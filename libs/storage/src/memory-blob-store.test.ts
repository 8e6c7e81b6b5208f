import { memoryBlobStore } from './memory-blob-store.js';
import { describeBlobStore } from './testing/index.js';

describeBlobStore('memoryBlobStore', async () => {
  const blobs = new Map<string, Uint8Array>();
  return {
    store: memoryBlobStore({ blobs }),
    damage: async (sha256) => {
      const bytes = blobs.get(sha256)!;
      bytes[0] = bytes[0]! ^ 1;
    },
  };
});
