import { createHash } from 'node:crypto';
import { AvdError } from '@avd/domain';
import type { BlobRef } from '@avd/stage-kit';

const ADDRESS = /^[0-9a-f]{64}$/;

/** Whether the text can be the address of a blob or the key of a pointer: 64 lower-case hex digits. */
export function isBlobAddress(text: string): boolean {
  return ADDRESS.test(text);
}

/** @throws AvdError invalidInput BLOB_ADDRESS_INVALID; so that no address can name a file elsewhere */
export function checkBlobAddress(text: string): void {
  if (isBlobAddress(text)) return;
  const message = `"${text.slice(0, 80)}" is no blob address; it must be 64 lower-case hex digits.`;
  throw new AvdError('invalidInput', 'BLOB_ADDRESS_INVALID', message);
}

/** SHA-256 of bytes in memory, 64 lower-case hex digits: their address. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `aa/<hex>`: 256 folders, so that no folder grows huge. */
export function shardedName(address: string): string {
  return `${address.slice(0, 2)}/${address}`;
}

export function pointerToBytes(ref: BlobRef): Uint8Array {
  const { sha256, sizeBytes, mediaType } = ref;
  return Buffer.from(JSON.stringify({ sha256, sizeBytes, mediaType }));
}

/** @returns undefined when the bytes are no pointer: damaged from outside, the work is done again and it is replaced */
export function bytesToPointer(bytes: Uint8Array): BlobRef | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { sha256, sizeBytes, mediaType } = value as Record<string, unknown>;
  const isPointer =
    typeof sha256 === 'string' &&
    isBlobAddress(sha256) &&
    typeof sizeBytes === 'number' &&
    typeof mediaType === 'string';
  return isPointer ? { sha256, sizeBytes, mediaType } : undefined;
}
