import { AvdError } from '@avd/domain';
import type { UploadStore } from '../upload-record.js';

/** Upload records in memory, with the compare-and-swap of the real store. */
export function memoryUploadStore(): UploadStore {
  const values = new Map<string, { readonly value: Uint8Array; readonly revision: number }>();
  let lastRevision = 0;
  const write = (id: string, value: Uint8Array, expected: number | undefined): number => {
    if (values.get(id)?.revision !== expected) {
      throw new AvdError('precondition', 'REVISION_CONFLICT', `${id} was changed.`);
    }
    values.set(id, { value: value.slice(), revision: ++lastRevision });
    return lastRevision;
  };
  return {
    get: async (id) => values.get(id),
    create: async (id, value) => write(id, value, undefined),
    update: async (id, value, expectedRevision) => write(id, value, expectedRevision),
    delete: async (id) => {
      values.delete(id);
    },
    ids: async () => [...values.keys()].sort(),
  };
}
