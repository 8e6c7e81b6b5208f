import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createModelPool } from '@avd/inference';
import { checkpointToOnnx, locateModel, type NetworkName } from '@avd/models';
import { generatedWeights, writeParts, zipCheckpoint, type TensorRule } from '@avd/models/testing';
import type { ModelPool } from '@avd/stage-kit';
import { GoldenCase, sharedDir } from '@avd/testing';

/** Name of each network in the golden vectors. */
const GOLDEN_NAMES: Partial<
  Record<string, { readonly golden: string; readonly name: NetworkName }>
> = {
  s3fd: { golden: 's3fd', name: 's3fd' },
  'syncnet-lip': { golden: 'syncnet', name: 'syncnet-lip' },
  'syncnet-audio': { golden: 'syncnet', name: 'syncnet-audio' },
  'vggface-resnet50': { golden: 'vggface', name: 'vggface-resnet50' },
  resnetse34v2: { golden: 'resnetse', name: 'resnetse34v2' },
  'ecapa-tdnn': { golden: 'ecapa', name: 'ecapa-tdnn' },
};

/**
 * Pool of the networks of the golden vectors: their made-up weights are written as a checkpoint of torch, read, turned
 * into ONNX and run, all as with real ones. YuNet has its published weights; others come from the packages that carry
 * them. Only for tests; must be disposed.
 */
export async function openGeneratedModels(): Promise<ModelPool & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-generated-'));
  const pool = createModelPool({
    threads: 2,
    async locate(name, form) {
      if (name === 'yunet') {
        return { name, path: path.join(sharedDir, 'models/yunet_n_dynamic.onnx'), sha256: '' };
      }
      const network = GOLDEN_NAMES[name];
      if (network === undefined) return locateModel(name);
      const checkpointPath = path.join(dir, `${name}.pt`);
      await writeCheckpoint(network.golden, checkpointPath);
      const onnxPath = path.join(dir, `${name}.onnx`);
      await writeFile(onnxPath, await checkpointToOnnx(checkpointPath, network.name, form));
      await rm(checkpointPath);
      return { name, path: onnxPath, sha256: '' };
    },
  });
  return {
    load: (name) => pool.load(name),
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

async function writeCheckpoint(golden: string, filePath: string): Promise<void> {
  const listFile = path.join(sharedDir, 'golden/networks', golden, 'state_dict.json');
  const { tensors } = JSON.parse(readFileSync(listFile, 'utf8')) as { tensors: TensorRule[] };
  await writeParts(filePath, zipCheckpoint(generatedWeights(golden, tensors, constantsOf(golden))));
}

/** Tensors which are not made up but computed. */
function constantsOf(golden: string): Record<string, Float32Array> {
  if (golden !== 'resnetse') return {};
  const vectors = new GoldenCase('networks/resnetse');
  return {
    'torchfb.0.flipped_filter': Float32Array.of(-0.97, 1),
    'torchfb.1.spectrogram.window': vectors.array('window').data as Float32Array,
    'torchfb.1.mel_scale.fb': vectors.array('mel_fb').data as Float32Array,
  };
}
