import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openWeights } from '@avd/models';
import type { InnerValue, NetworkGraph, Weights } from '@avd/models';
import { generatedWeights, writeParts, zipCheckpoint } from '@avd/models/testing';
import type { TensorRule } from '@avd/models/testing';
import type { Model } from '@avd/stage-kit';
import { sharedDir } from '@avd/testing';
import { createModelPool } from '../model-pool.js';

export type BuildGraph = (weights: Weights) => Promise<NetworkGraph>;

/** A network under test: its inner values are outputs as well. */
export interface LoadedNetwork extends AsyncDisposable {
  readonly model: Model;
}

/**
 * Writes a checkpoint file with the generated weights of a golden network.
 * @param constants values of its tensors which are not generated
 */
export async function writeGeneratedCheckpoint(
  filePath: string,
  network: string,
  constants: Readonly<Record<string, Float32Array>> = {},
): Promise<void> {
  const listFile = path.join(sharedDir, 'golden/networks', network, 'state_dict.json');
  const { tensors } = JSON.parse(readFileSync(listFile, 'utf8')) as { tensors: TensorRule[] };
  await writeParts(filePath, zipCheckpoint(generatedWeights(network, tensors, constants)));
}

/** Reads a checkpoint file, makes an ONNX file of it, and loads that in a worker thread. */
export async function loadNetwork(
  checkpointPath: string,
  buildGraph: BuildGraph,
): Promise<LoadedNetwork> {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-network-'));
  const onnxPath = path.join(dir, 'network.onnx');
  const pool = createModelPool({
    threads: 1,
    locate: async (name) => ({ name, path: onnxPath, sha256: '' }),
  });
  await writeFile(onnxPath, await encodeWithInnerValues(checkpointPath, buildGraph));
  return {
    model: await pool.load('network'),
    [Symbol.asyncDispose]: async () => {
      await pool[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

/** As loadNetwork, with the generated weights of a golden network. */
export async function loadGeneratedNetwork(
  network: string,
  buildGraph: BuildGraph,
  constants: Readonly<Record<string, Float32Array>> = {},
): Promise<LoadedNetwork> {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-checkpoint-'));
  try {
    const checkpointPath = path.join(dir, `${network}.pt`);
    await writeGeneratedCheckpoint(checkpointPath, network, constants);
    return await loadNetwork(checkpointPath, buildGraph);
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function encodeWithInnerValues(
  checkpointPath: string,
  buildGraph: BuildGraph,
): Promise<Uint8Array> {
  await using weights = await openWeights(checkpointPath);
  const { graph, innerValues } = await buildGraph(weights);
  for (const [name, { value, rank }] of Object.entries<InnerValue>(innerValues)) {
    graph.node('Identity', [value], {}, [`inner_${name}`]);
    const dims = Array.from({ length: rank }, (_, axis) => `inner_${name}_${axis}`);
    graph.output({ name: `inner_${name}`, type: 'float32', dims });
  }
  return graph.encode();
}
