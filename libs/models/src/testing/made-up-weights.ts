import type { Weights } from '../checkpoint/index.js';
import { fillMulberry32, fnv1a } from './generated-weights.js';

/**
 * Weights for any network, each tensor made from its name when it is asked for: sizes that keep values in range
 * through many layers. For measuring speed and distances where the published ones cannot be had.
 * @param network goes into the numbers, so that two networks differ
 */
export function madeUpWeights(network: string): Weights {
  return {
    read: async (name, shape) => {
      const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
      fillMulberry32(fnv1a(`${network}/${name}`), values, mapOf(name, shape));
      return values;
    },
  };
}

function mapOf(name: string, shape: readonly number[]): (u: number) => number {
  const kind = name.slice(name.lastIndexOf('.') + 1);
  if (kind === 'running_var') return (u) => 0.5 + u;
  if (kind === 'window' || kind === 'fb') return (u) => u;
  // One number a channel: scale of a norm.
  if (kind === 'weight' && shape.length === 1) return (u) => 0.8 + 0.4 * u;
  if (shape.length === 1) return (u) => (2 * u - 1) * 0.1;
  const fanIn = shape.slice(1).reduce((product, dim) => product * dim, 1);
  const bound = Math.sqrt(6 / fanIn);
  return (u) => (2 * u - 1) * bound;
}
