import { AvdError } from '@avd/domain';
import type { RowMatrix } from './agglomerative-cosine.js';

/** Rows of numbers in a form that survives JSON, as the embedding stages write them. */
export interface FloatRows {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Base64 of little-endian float32, shape (rowCount, columnCount). */
  readonly data: string;
}

/** @throws AvdError kind `internal` when the data are not of the stated size */
export function fromFloatRows({ rowCount, columnCount, data }: FloatRows): RowMatrix {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length !== rowCount * columnCount * 4) {
    throw new AvdError(
      'internal',
      'BAD_FLOAT_ROWS',
      `${rowCount} rows of ${columnCount} numbers cannot have ${bytes.length} bytes.`,
    );
  }
  // A copy of its own: the bytes may lie anywhere in a larger buffer.
  return { data: new Float32Array(Uint8Array.from(bytes).buffer), rowCount, columnCount };
}

/** Rows of several parts, one below the other; parts without rows may have any width. */
export function joinFloatRows(parts: readonly FloatRows[]): RowMatrix {
  const rowCount = parts.reduce((sum, part) => sum + part.rowCount, 0);
  const columnCount = parts.find((part) => part.rowCount > 0)?.columnCount ?? 0;
  const data = new Float32Array(rowCount * columnCount);
  let offset = 0;
  for (const part of parts) {
    const rows = fromFloatRows(part).data;
    data.set(rows, offset);
    offset += rows.length;
  }
  return { data, rowCount, columnCount };
}
