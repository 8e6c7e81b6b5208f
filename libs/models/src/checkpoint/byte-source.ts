import { open } from 'node:fs/promises';
import { AvdError } from '@avd/domain';
import { damagedCheckpoint, namingFile } from './errors.js';

/** Random access to the bytes of a file. */
export interface ByteSource {
  readonly sizeBytes: number;
  /**
   * @returns a new array, the caller's own
   * @throws AvdError CHECKPOINT_DAMAGED when the range is not inside of the file
   */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Opens a file for reading by ranges. @throws AvdError when it cannot be opened */
export async function openFileSource(filePath: string): Promise<ByteSource & AsyncDisposable> {
  const file = await open(filePath, 'r').catch((error: unknown) => {
    throw AvdError.from(error);
  });
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    throw namingFile(damagedCheckpoint('it is not a file'), filePath);
  }
  const sizeBytes = stat.size;
  return {
    sizeBytes,
    read: async (offsetBytes, lengthBytes) => {
      checkRange(offsetBytes, lengthBytes, sizeBytes);
      const bytes = new Uint8Array(lengthBytes);
      let done = 0;
      while (done < lengthBytes) {
        const { bytesRead } = await file.read(bytes, done, lengthBytes - done, offsetBytes + done);
        if (bytesRead === 0) throw damagedCheckpoint('it became shorter while it was read');
        done += bytesRead;
      }
      return bytes;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** Bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.byteLength,
    read: async (offsetBytes, lengthBytes) => {
      checkRange(offsetBytes, lengthBytes, bytes.byteLength);
      return new Uint8Array(bytes.subarray(offsetBytes, offsetBytes + lengthBytes));
    },
  };
}

function checkRange(offsetBytes: number, lengthBytes: number, sizeBytes: number): void {
  // Written so that NaN fails as well.
  if (!(offsetBytes >= 0 && lengthBytes >= 0 && offsetBytes + lengthBytes <= sizeBytes)) {
    throw damagedCheckpoint('it ends early');
  }
}
