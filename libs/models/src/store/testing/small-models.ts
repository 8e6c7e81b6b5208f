import type { ModelManifest } from '../../manifest.js';
import { networkGraphs } from '../../networks/index.js';
import type { NetworkName } from '../../networks/index.js';
import { parseManifest } from '../../parse-manifest.js';
import { fillMulberry32, fnv1a, zipCheckpoint } from '../../testing/index.js';
import type { WritableTensor } from '../../testing/index.js';
import { sha256Of } from '../digest.js';

export interface SmallFile {
  readonly content: Uint8Array;
  readonly otherNames?: readonly string[];
  /** Not stated where absent. */
  readonly sizeBytes?: number;
}

/** Made-up bytes of a file. */
export function smallContent(seed: number, sizeBytes: number): Uint8Array {
  const values = new Float32Array(sizeBytes);
  fillMulberry32(seed, values, (u) => u * 256);
  return Uint8Array.from(values);
}

/**
 * A list of models for tests: each file is a network of the profile `voxconverse`, called like the file up to its first
 * dot, ONNX already unless it is a checkpoint of a network.
 * @param baseUrl server the files come from
 */
export function smallManifest(
  baseUrl: string,
  files: Readonly<Record<string, SmallFile>>,
  networks: Readonly<Record<string, NetworkName>> = {},
): ModelManifest {
  const entries = Object.entries(files);
  return parseManifest(
    JSON.stringify({
      formatVersion: 1,
      files: Object.fromEntries(
        entries.map(([name, { content, ...more }]) => [
          name,
          {
            url: baseUrl + name,
            sha256: sha256Of(content),
            licence: 'MIT',
            source: 'https://example.org',
            ...more,
          },
        ]),
      ),
      models: Object.fromEntries(
        entries.map(([name]) => [
          name.split('.')[0]!,
          {
            task: 'stands for a network',
            profiles: ['voxconverse'],
            file: name,
            inputs: {},
            outputs: {},
            ...(name in networks
              ? { conversion: { from: 'checkpoint', network: networks[name] } }
              : {}),
          },
        ]),
      ),
    }),
  );
}

/** Bytes of a checkpoint with made-up numbers which has every tensor a network asks for. */
export async function madeUpCheckpoint(network: NetworkName): Promise<Uint8Array> {
  const tensors: WritableTensor[] = [];
  await networkGraphs[network]({
    read: async (name, shape) => {
      const values = madeUpValues(name, shape);
      tensors.push({ name, shape, dtype: 'float32', values: () => values });
      return values.slice();
    },
  });
  return Buffer.concat([...zipCheckpoint(tensors)]);
}

/** Positive numbers, so that they also do for a variance. */
export function madeUpValues(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  fillMulberry32(fnv1a(name), values, (u) => u / 8 + 0.01);
  return values;
}
