/** Our pipeline with the checkpoints of the reference: `avd diarize` in a process of its own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkpointToOnnx, formsOf, keepConverted, modelManifest } from '@avd/models';
import { diarizeMeasured } from '../diarize.mjs';

const NETWORKS = ['s3fd', 'syncnet-lip', 'syncnet-audio', 'vggface-resnet50', 'resnetse34v2'];

/**
 * Converts the made-up checkpoints to where `avd` looks for converted ones. It would refuse the checkpoints themselves,
 * as their digests are not the published ones.
 */
export async function convertWeights(ckptDir) {
  for (const name of NETWORKS) {
    const entry = modelManifest.get(name);
    const checkpoint = path.join(ckptDir, entry.weights.name);
    for (const form of formsOf(entry)) {
      const onnx = await checkpointToOnnx(checkpoint, entry.conversion.network, form);
      await keepConverted(entry, ckptDir, onnx, form);
    }
  }
}

/** @returns what runMeasured tells, seconds of each step, and the face tracks */
export async function runOurs({ prefix }, { ckptDir, video, outDir, vad }) {
  const options = ['--profile', 'voxconverse', '--vad', vad, '--speaker-model', 'resnetse34'];
  const files = ['-i', video, '-o', outDir, '--ckpt-dir', ckptDir];
  const { steps, ...run } = await diarizeMeasured([...files, ...options], prefix);
  const seconds = Object.fromEntries(steps.map(({ step, elapsedSec }) => [step, elapsedSec]));
  const { tracks } = JSON.parse(readFileSync(path.join(outDir, 'diarization.json'), 'utf8'));
  return { ...run, seconds, tracks };
}
