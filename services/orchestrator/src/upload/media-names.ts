import { invalidField } from '../api/api-errors.js';

const MEDIA_PREFIX = 'media/';
const SHA256 = /^[0-9a-f]{64}$/;

export function mediaName(sha256: string): string {
  return `${MEDIA_PREFIX}${sha256}`;
}

/** SHA-256 in `media/{media}`. @throws AvdError invalidInput INVALID_FIELD */
export function parseMediaName(name: string, field: string): string {
  const sha256 = name.startsWith(MEDIA_PREFIX) ? name.slice(MEDIA_PREFIX.length) : '';
  if (!isSha256(sha256)) throw invalidField(field, 'must be media/{media}');
  return sha256;
}

export function isSha256(text: string): boolean {
  return SHA256.test(text);
}
