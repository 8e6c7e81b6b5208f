/** Our pipeline with the checkpoints of the reference: `avd diarize` in a process of its own. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkpointToOnnx, formsOf, keepConverted, modelManifest } from '@avd/models';
import { runMeasured } from '../process-tree.mjs';

const CLI = fileURLToPath(new URL('../../apps/cli/bin/avd.js', import.meta.url));
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
  const [command, ...args] = [...prefix, process.execPath, CLI, 'diarize', ...files, ...options];
  const run = await runMeasured(command, [...args, '--json']);
  const events = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const steps = events.filter(({ type }) => type === 'step');
  const seconds = Object.fromEntries(steps.map(({ step, elapsedSec }) => [step, elapsedSec]));
  const { tracks } = JSON.parse(readFileSync(path.join(outDir, 'diarization.json'), 'utf8'));
  return { ...run, seconds, tracks };
}
