#!/usr/bin/env node
/**
 * The whole pipeline against the reference implementation (Python, av-diarization), on the same video with the same
 * settings and weights, one after the other on this machine: time, memory, and whether they come to the same result.
 * The published weights are not needed: made-up ones find faces and speech in dots drawn into the sample
 * (bench/reference/make_weights.py, video.mjs). So the figures tell about speed and agreement, not about accuracy.
 *
 *   npm run bench:reference -- --checkout DIR --python PATH
 *   npm run bench:reference -- --checkout DIR --python PATH --seconds 12 --real-time --json --keep DIR
 *
 * --checkout   a clone of https://github.com/JaesungHuh/av-diarization
 * --python     a Python with its packages (torch, torchaudio, webrtcvad, scenedetect 0.6.5, ...)
 * --seconds    length of the video, 12 to 43 (default 30): in a shorter one nobody is found to speak
 * --vad        pywebrtcvad (default) or silero, which the reference loads by torch.hub
 * --real-time  both at real-time priority (needs the right to), so that other work on the machine matters less
 * --keep       folder for video, weights and results
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { convertWeights, runOurs } from './reference/ours.mjs';
import { makeWeights, runReference, whatIsMissing } from './reference/python.mjs';
import { makeDottedVideo } from './reference/video.mjs';

/** What each stage of the reference is with us. Ours cut, crop and decode while they look for faces and read lips. */
const STAGES = [
  ['start', 'imports', []],
  ['extract', 'video to pictures and sound', []],
  ['faces', 'S3FD on every frame', ['detectFaces']],
  ['shots', 'cuts', []],
  ['tracks', 'face tracks and crops', ['linkTracks']],
  ['sync', 'SyncNet', ['readLips', 'scoreLips']],
  ['identity', 'VGGFace2', ['embedFaces']],
  ['vad', 'speech', ['detectSpeech', 'detectTrackSpeech']],
  ['voices', 'ResNetSE34', ['embedVoices', 'embedVoiceWindows']],
  ['diarize', 'who spoke when', ['diarize']],
];
const FRAME_RATE = 25;

const { values } = parseArgs({
  options: {
    checkout: { type: 'string' },
    python: { type: 'string', default: process.env.AVD_BENCH_PYTHON ?? 'python3' },
    seconds: { type: 'string', default: '30' },
    vad: { type: 'string', default: 'pywebrtcvad' },
    'real-time': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    keep: { type: 'string' },
  },
});
const side = { ...values, prefix: values['real-time'] ? ['chrt', '-r', '1'] : [] };
const lengthSec = Number(values.seconds);
const missing =
  lengthSec >= 12 && lengthSec <= 43 ? whatIsMissing(side) : 'Give --seconds from 12 to 43.';
if (missing !== undefined) {
  console.error(missing);
  process.exit(2);
}
const workDir = values.keep ?? mkdtempSync(path.join(tmpdir(), 'avd-bench-reference-'));
mkdirSync(workDir, { recursive: true });
try {
  const result = await compare();
  if (values.json) console.log(JSON.stringify(result, undefined, 1));
  else report(result);
} finally {
  if (values.keep === undefined) rmSync(workDir, { recursive: true, force: true });
}

async function compare() {
  const video = await makeDottedVideo(workDir, lengthSec);
  const ckptDir = path.join(workDir, 'weights');
  await makeWeights(side, ckptDir, video);
  await convertWeights(ckptDir);
  const job = (name) => ({ ckptDir, video, outDir: path.join(workDir, name), vad: values.vad });
  const loadBefore = loadavg()[0];
  const { stdout: _ours, ...ours } = await runOurs(side, job('ours'));
  const { stdout: _theirs, ...reference } = await runReference(side, job('reference'));
  const agreement = [0.25, 0].map((collar) => ({ collar, ...score(collar) }));
  return {
    lengthSec,
    cpu: cpus()[0].model,
    cores: cpus().length,
    loadBefore,
    reference,
    ours,
    agreement,
  };
}

/** Our result measured against that of the reference. */
function score(collar) {
  const cli = fileURLToPath(new URL('../apps/cli/bin/avd.js', import.meta.url));
  const files = ['reference', 'ours'].map((name) => path.join(workDir, name, 'result.rttm'));
  const args = [cli, 'score', ...files, '--collar', String(collar), '--json'];
  const [file] = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })).files;
  const { scoredSec, derPercent, missedPercent, falseAlarmPercent, confusionPercent } = file;
  return { scoredSec, derPercent, missedPercent, falseAlarmPercent, confusionPercent };
}

function report({ cpu, cores, loadBefore, reference, ours, agreement }) {
  console.log(`${lengthSec} s of 1280x720, 25 frames/s, profile voxconverse, ${values.vad}`);
  console.log(
    `${cores} cores of ${cpu}, load before ${loadBefore.toFixed(2)}; torch ${reference.torch}, ${reference.threads} threads, ${reference.device}\n`,
  );
  console.log(`${'seconds'.padEnd(42)}reference      ours`);
  const row = (title, theirs, mine) =>
    console.log(`${title.padEnd(42)}${seconds(theirs)}${seconds(mine)}`);
  for (const [stage, title, steps] of STAGES) {
    const known = steps.filter((step) => step in ours.seconds);
    const sum = known.reduce((total, step) => total + ours.seconds[step], 0);
    const names = known.length === 0 ? '' : ` (${known.join(', ')})`;
    row(title + names, reference.seconds[stage], known.length === 0 ? undefined : sum);
  }
  row('whole', reference.wallSec, ours.wallSec);
  console.log('Our steps overlap, so they add up to more than the whole.\n');
  console.log(`${(reference.wallSec / ours.wallSec).toFixed(2)} times as fast as the reference`);
  console.log(`peak memory: reference ${mebibytes(reference)}, ours ${mebibytes(ours)}`);
  const spans = (tracks) => tracks.map(([from, to]) => `${from.toFixed(2)}-${to.toFixed(2)}`);
  console.log(
    `face tracks, reference: ${spans(reference.tracks.map((track) => [track.startFrame / FRAME_RATE, track.endFrame / FRAME_RATE])).join(', ')}`,
  );
  console.log(
    `face tracks, ours:      ${spans(ours.tracks.map((track) => [track.startSec, track.endSec])).join(', ')}`,
  );
  for (const { collar, scoredSec, ...shares } of agreement) {
    console.log(
      `our result against theirs, collar ${collar} s: DER ${shares.derPercent.toFixed(2)} % of ${scoredSec.toFixed(2)} s (missed ${shares.missedPercent.toFixed(2)}, false alarm ${shares.falseAlarmPercent.toFixed(2)}, confusion ${shares.confusionPercent.toFixed(2)})`,
    );
  }
}

function seconds(value) {
  return (value === undefined ? '' : value.toFixed(1)).padStart(9);
}

function mebibytes({ peakBytes }) {
  return `${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
}
