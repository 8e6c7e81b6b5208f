/** Bytes [startByte, endByte). */
export interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

/**
 * The part of a file that a `Range` header asks for.
 * @returns undefined for the whole file: no header, one that is not understood, or several parts, which need not be
 * answered as such; `'unsatisfiable'` for a part beyond the end
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const countBytes = Math.min(Number(last), sizeBytes);
    if (countBytes === 0) return 'unsatisfiable';
    return { startByte: sizeBytes - countBytes, endByte: sizeBytes };
  }
  const startByte = Number(first);
  const endByte = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < startByte) return undefined;
  return startByte >= sizeBytes ? 'unsatisfiable' : { startByte, endByte };
}
