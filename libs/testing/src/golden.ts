import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** Folder of shared material (golden vectors, media, weights): AVD_SHARED_DIR, else `../shared` beside the repository. */
export const sharedDir = process.env['AVD_SHARED_DIR'] ?? path.resolve(repoDir, '../shared');

/** False when the shared material is absent; tests that need it then skip with `sharedSkipReason`. */
export const hasShared = existsSync(path.join(sharedDir, 'golden'));
export const sharedSkipReason = `needs shared test material (set AVD_SHARED_DIR; looked in ${sharedDir})`;

export type NumericArray =
  Float32Array | Float64Array | Int16Array | Int32Array | Uint8Array | BigInt64Array;

interface ArrayInfo {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly tolerance?: { readonly abs: number; readonly rel: number };
}

export interface GoldenArray {
  readonly data: NumericArray;
  readonly shape: readonly number[];
  readonly tolerance: { readonly abs: number; readonly rel: number };
}

/** One folder of golden vectors: its `case.json` and the arrays and files it names. */
export class GoldenCase {
  readonly dir: string;
  /** Parsed case.json; tests check the parts they read. */
  readonly json: Record<string, unknown>;

  constructor(relativeDir: string) {
    this.dir = path.join(sharedDir, 'golden', relativeDir);
    this.json = JSON.parse(readFileSync(path.join(this.dir, 'case.json'), 'utf8')) as Record<
      string,
      unknown
    >;
  }

  /** `values` of case.json under a type the caller knows. */
  values<T>(): T {
    return this.json['values'] as T;
  }

  params<T>(): T {
    return this.json['params'] as T;
  }

  array(name: string): GoldenArray {
    const arrays = this.json['arrays'] as Record<string, ArrayInfo>;
    const info = arrays[name];
    if (info === undefined) throw new Error(`no array ${name} in ${this.dir}`);
    const bytes = readFileSync(path.join(this.dir, info.file));
    return {
      data: toTyped(bytes, info.dtype),
      shape: info.shape,
      tolerance: info.tolerance ?? { abs: 0, rel: 0 },
    };
  }

  file(name: string): string {
    return path.join(this.dir, name);
  }
}

function toTyped(bytes: Buffer, dtype: string): NumericArray {
  const buffer = bytes.buffer.slice(
    bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength,
  ) as ArrayBuffer;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer);
    default:
      throw new Error(`unknown dtype ${dtype}`);
  }
}

/** Largest |a-b| - (abs + rel*|b|) over all elements; <= 0 means within tolerance. Lengths must agree. */
export function excessOverTolerance(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: { readonly abs: number; readonly rel: number },
): number {
  if (actual.length !== expected.length) {
    throw new Error(`length ${actual.length} instead of ${expected.length}`);
  }
  let worst = -Infinity;
  for (let i = 0; i < expected.length; i++) {
    const a = actual[i]!;
    const b = expected[i]!;
    if (Object.is(a, b)) continue;
    const excess = Math.abs(a - b) - (tolerance.abs + tolerance.rel * Math.abs(b));
    if (Number.isNaN(excess)) return Infinity;
    if (excess > worst) worst = excess;
  }
  return worst;
}
