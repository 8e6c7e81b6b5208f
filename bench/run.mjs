#!/usr/bin/env node
/**
 * Speed and memory of `avd diarize` (profile lite) on 1280x720 with one face, for two lengths of video.
 * Baseline in the same run: ffmpeg only decoding the same file (what no pipeline can go below).
 *
 *   npm run bench                    10 and 60 minutes (about 20 minutes of work)
 *   npm run bench -- --minutes 1,3   shorter
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { diarizeMeasured } from './diarize.mjs';
import { cutOneFace, repeatVideo } from './long-video.mjs';
import { runMeasured } from './process-tree.mjs';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10,60' }, input: { type: 'string' } },
});
const minutes = values.minutes.split(',').map(Number);
const workDir = mkdtempSync(path.join(tmpdir(), 'avd-bench-'));

try {
  const source = values.input ?? (await cutOneFace(workDir));
  const rows = [];
  for (const length of minutes) rows.push(await measure(source, length));
  report(rows);
} finally {
  rmSync(workDir, { recursive: true, force: true });
}

async function measure(source, lengthMinutes) {
  const file = path.join(workDir, `${lengthMinutes}-min.mp4`);
  const lengthSec = lengthMinutes * 60;
  await repeatVideo(source, lengthSec, file);
  const decode = await runMeasured('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-']);
  const outDir = path.join(workDir, `out-${lengthMinutes}`);
  const { steps, ...run } = await diarizeMeasured(['-i', file, '-o', outDir]);
  rmSync(file);
  return { lengthMinutes, lengthSec, decode, run, steps };
}

function report(rows) {
  for (const { lengthMinutes, lengthSec, decode, run, steps } of rows) {
    console.log(`\n${lengthMinutes} min, 1280x720, one face, profile lite`);
    console.log(
      `  avd diarize      ${run.wallSec.toFixed(1)} s   ${(lengthSec / run.wallSec).toFixed(2)}x real time   peak memory ${mebibytes(run.peakBytes)}`,
    );
    console.log(
      `  baseline decode  ${decode.wallSec.toFixed(1)} s   ${(lengthSec / decode.wallSec).toFixed(2)}x real time   ratio ${(run.wallSec / decode.wallSec).toFixed(2)}`,
    );
    for (const { step, elapsedSec } of steps)
      console.log(`    ${step.padEnd(14)} ${elapsedSec.toFixed(1).padStart(7)} s`);
  }
  if (rows.length > 1) {
    const [first, last] = [rows[0], rows.at(-1)];
    const growth = last.run.peakBytes / first.run.peakBytes - 1;
    console.log(
      `\npeak memory, ${last.lengthMinutes} min against ${first.lengthMinutes} min: ${(100 * growth).toFixed(1)} %`,
    );
  }
  console.log('\nSteps overlap, so their times add up to more than the whole.');
}

function mebibytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
