/** Rows of numbers in a form that survives JSON. */
export interface FloatRows {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Base64 of little-endian float32, shape (rowCount, columnCount). */
  readonly data: string;
}

/** @param values shape (rows, columnCount) */
export function toFloatRows(values: Float32Array, columnCount: number): FloatRows {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const rowCount = values.length / columnCount;
  return { rowCount, columnCount, data: bytes.toString('base64') };
}

/** Numbers of consecutive parts, one after the other. */
export function joinFloatRows(parts: readonly FloatRows[]): Float32Array {
  const bytes = Buffer.concat(parts.map(({ data }) => Buffer.from(data, 'base64')));
  // A copy of its own: small buffers lie anywhere in a larger one.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
