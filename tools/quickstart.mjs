/** From a fresh clone to a result: sets up, says who speaks when in the sample, and scores it. `npm run quickstart` */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { repoDir, runMain, setup } from './setup.mjs';

const avd = path.join('apps', 'cli', 'bin', 'avd.js');
const sample = path.join('sample', 'sample.mp4');
const reference = path.join('sample', 'sample.rttm');
const outDir = 'output';

function runAvd(args) {
  process.stdout.write(`\n> node ${[avd, ...args].join(' ')}\n`);
  const { status } = spawnSync(process.execPath, [avd, ...args], {
    cwd: repoDir,
    stdio: 'inherit',
  });
  return status ?? 1;
}

await runMain(async () => {
  await setup();
  const diarizeArgs = [
    'diarize',
    '-i',
    sample,
    '-o',
    outDir,
    '--cache-dir',
    path.join(outDir, '.cache'),
  ];
  const startMs = performance.now();
  const code = runAvd(diarizeArgs);
  if (code !== 0) return code;
  process.stdout.write(`diarized in ${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
  const scoreCode = runAvd(['score', reference, path.join(outDir, 'result.rttm')]);
  if (scoreCode === 0) {
    process.stdout.write(`\nYour own video: npm run avd -- diarize -i VIDEO -o ${outDir}\n`);
  }
  return scoreCode;
});
