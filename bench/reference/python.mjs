/** The reference pipeline: a checkout of its code, run by a Python that has its packages. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMeasured } from '../process-tree.mjs';

const MODULES = 'torch torchaudio webrtcvad scenedetect python_speech_features cv2 scipy sklearn';

/** @returns one sentence about what is missing, or undefined */
export function whatIsMissing({ checkout, python }) {
  if (checkout === undefined || !existsSync(path.join(checkout, 'voxconverse/avdiarizer.py'))) {
    return 'Give --checkout DIR, a clone of https://github.com/JaesungHuh/av-diarization.';
  }
  const imports = MODULES.split(' ').join(', ');
  const { status, error } = spawnSync(python, ['-c', `import ${imports}`]);
  if (status === 0) return undefined;
  return error === undefined
    ? `Give --python PATH of a Python with the packages of the reference: ${python} cannot import all of ${imports}.`
    : `Give --python PATH of a Python with the packages of the reference: ${python} cannot be started.`;
}

export async function makeWeights({ checkout, python }, ckptDir, video) {
  await runMeasured(python, ['-B', script('make_weights.py'), checkout, ckptDir, video]);
}

/** @returns what runMeasured tells, and what run_reference.py prints */
export async function runReference({ checkout, python, prefix }, { ckptDir, video, outDir, vad }) {
  const args = ['-B', script('run_reference.py'), checkout, ckptDir, video, outDir, vad];
  const [command, ...rest] = [...prefix, python, ...args];
  const run = await runMeasured(command, rest);
  return { ...run, ...JSON.parse(run.stdout.trim().split('\n').at(-1)) };
}

function script(name) {
  return fileURLToPath(new URL(name, import.meta.url));
}
