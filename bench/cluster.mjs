#!/usr/bin/env node
/**
 * What the microservices cost: the same video once by `avd diarize` (the baseline, a process of its own) and once by a
 * whole system on this machine with one replica of each stage (its start is not counted). Needs nats-server.
 *
 *   npm run bench:cluster                                 5 minutes, 1280x720, one face, profile lite
 *   npm run bench:cluster -- --minutes 2 --runs 3         shorter; the median of three
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { diarizationV1 } from '@avd/contracts';
import { createRpcClient } from '@avd/rpc';
import { startSystem } from '../apps/cli/dist/cluster/system/start-system.js';
import { cutOneFace, repeatVideo } from './long-video.mjs';
import { runMeasured } from './process-tree.mjs';

const repoDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    runs: { type: 'string', default: '1' },
    slots: { type: 'string' },
  },
});
const lengthSec = Number(values.minutes) * 60;
const workDir = mkdtempSync(path.join(tmpdir(), 'avd-bench-'));

try {
  const video = path.join(workDir, 'video.mp4');
  await repeatVideo(await cutOneFace(workDir), lengthSec, video);
  const rounds = [];
  for (let run = 0; run < Number(values.runs); run++) {
    // One after the other, so that both see the machine in the same state.
    rounds.push({ one: await runInOneProcess(video), many: await runInSystem(video) });
  }
  report(rounds);
} finally {
  rmSync(workDir, { recursive: true, force: true });
}

async function runInOneProcess(video) {
  const cli = path.join(repoDir, 'apps/cli/bin/avd.js');
  const args = ['diarize', '-i', video, '-o', path.join(workDir, 'one'), '--quiet'];
  const { wallSec } = await runMeasured(process.execPath, [cli, ...args]);
  return wallSec;
}

/** @returns time from the creation of the job to its end, and when each step was at work */
async function runInSystem(video) {
  const dataDir = path.join(workDir, 'system');
  const system = await startSystem({
    ...{ dataDir, mediaRoots: [workDir] },
    ...(values.slots === undefined ? {} : { slots: Number(values.slots) }),
  });
  try {
    const client = await createRpcClient(diarizationV1.DiarizationServiceClient, system.server);
    const startMs = performance.now();
    const job = await client.call(
      'createDiarizationJob',
      diarizationV1.CreateDiarizationJobRequest.fromPartial({
        diarizationJob: { source: { $case: 'uri', value: pathToFileURL(video).href } },
      }),
    );
    const steps = new Map();
    for await (const { update } of client.stream('watchDiarizationJob', {
      name: job.name,
      resumeToken: '',
    })) {
      if (update?.$case !== 'diarizationJob') continue;
      const sec = (performance.now() - startMs) / 1000;
      for (const { step, doneTasks, totalTasks, done } of update.value.progress?.steps ?? []) {
        const known = steps.get(step) ?? {};
        if (done > 0) known.startSec ??= sec;
        if (doneTasks === totalTasks) known.endSec ??= sec;
        steps.set(step, known);
      }
      if (update.value.error !== undefined) throw new Error(update.value.error.message);
    }
    const wallSec = (performance.now() - startMs) / 1000;
    client.close();
    return { wallSec, steps };
  } finally {
    await system.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function report(rounds) {
  const ratios = rounds.map(({ one, many }) => many.wallSec / one);
  const median = ratios.toSorted((a, b) => a - b)[Math.floor((ratios.length - 1) / 2)];
  const { one, many } = rounds[ratios.indexOf(median)];
  console.log(`${values.minutes} min, 1280x720, one face, profile lite, one replica of each stage`);
  console.log(`  baseline avd diarize  ${one.toFixed(1)} s`);
  console.log(`  system                ${many.wallSec.toFixed(1)} s   ratio ${median.toFixed(3)}`);
  if (rounds.length > 1)
    console.log(`  all ratios            ${ratios.map((r) => r.toFixed(3)).join(' ')}`);
  console.log('  steps, seconds after the creation of the job (seen by its watcher):');
  for (const [step, { startSec = 0, endSec = 0 }] of many.steps) {
    console.log(
      `    ${step.padEnd(18)} ${startSec.toFixed(1).padStart(7)} to ${endSec.toFixed(1).padStart(7)}`,
    );
  }
}
