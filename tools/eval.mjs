#!/usr/bin/env node
/**
 * Diarizes every recording of the shared media that has a reference and prints the error rate and its parts.
 * Collar 0.25 s, overlap scored.
 *
 *   npm run eval                          scenes and conversations, profile lite
 *   npm run eval -- --only cuts3,panel4   some of them
 *   npm run eval -- --vad pywebrtcvad     any setting of `avd diarize`
 *   npm run eval -- --face-detector yunet --asd lr-asd     other parts (first: avd models pull yunet lr-asd-ava)
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { diarizeVideo, resolveSettings } from '@avd/cli';
import { diarizationToRttmTurns, parseRttm } from '@avd/domain';
import { diarizationErrorRate } from '@avd/scoring';
import { sharedDir } from '@avd/testing';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    cache: { type: 'string' },
    threads: { type: 'string' },
    'ckpt-dir': { type: 'string' },
    profile: { type: 'string' },
    'face-detector': { type: 'string' },
    'detect-every': { type: 'string' },
    asd: { type: 'string' },
    vad: { type: 'string' },
    'speaker-model': { type: 'string' },
    'face-model': { type: 'string' },
    offscreen: { type: 'string' },
    precision: { type: 'string' },
    'num-speakers-known': { type: 'boolean', default: false },
    media: { type: 'string', default: path.join(sharedDir, 'media') },
    json: { type: 'boolean', default: false },
  },
});
if (!existsSync(values.media)) {
  console.error(`There is no media folder ${values.media}; set AVD_SHARED_DIR or give --media.`);
  process.exit(3);
}
const only = values.only?.split(',');
const workDir = mkdtempSync(path.join(tmpdir(), 'avd-eval-'));
const rows = [];
try {
  for (const recording of findRecordings(values.media)) {
    if (only === undefined || only.includes(recording.name)) rows.push(await evaluate(recording));
  }
} finally {
  rmSync(workDir, { recursive: true, force: true });
}
print(rows);

function findRecordings(mediaDir) {
  return readdirSync(mediaDir, { recursive: true })
    .filter((file) => file.endsWith('.rttm'))
    .sort()
    .map((file) => {
      const stem = path.join(mediaDir, file.slice(0, -'.rttm'.length));
      const media = ['.mp4', '.mkv', '.webm', '.wav']
        .map((extension) => stem + extension)
        .find((candidate) => existsSync(candidate));
      return { name: path.basename(stem), group: path.dirname(file), media, rttm: `${stem}.rttm` };
    })
    .filter(({ media }) => media !== undefined);
}

async function evaluate({ name, group, media, rttm }) {
  const reference = parseRttm(readFileSync(rttm, 'utf8'), { sourceName: rttm });
  const refCount = new Set(reference.map(({ speaker }) => speaker)).size;
  const settings = resolveSettings({
    profile: values.profile,
    faceDetector: values['face-detector'],
    detectEvery: numberOf('detect-every'),
    asd: values.asd,
    vad: values.vad,
    speakerModel: values['speaker-model'],
    faceModel: values['face-model'],
    offscreen: values.offscreen,
    precision: values.precision,
    numSpeakers: values['num-speakers-known'] ? refCount : undefined,
  });
  const { diarization, elapsedSec } = await diarizeVideo({
    input: media,
    outDir: path.join(workDir, name),
    settings,
    ...(values.cache === undefined ? {} : { cacheDir: values.cache }),
    ...(values['ckpt-dir'] === undefined ? {} : { ckptDir: values['ckpt-dir'] }),
    ...(values.threads === undefined ? {} : { threads: numberOf('threads') }),
  });
  const hypothesis = diarizationToRttmTurns(diarization);
  const rates = diarizationErrorRate(reference, hypothesis, { collarSec: 0.25 });
  return {
    name,
    group,
    ...rates,
    refCount,
    hypCount: diarization.speakers.length,
    speed: diarization.durationSec / elapsedSec,
  };
}

function numberOf(option) {
  return values[option] === undefined ? undefined : Number(values[option]);
}

function print(rows) {
  if (values.json) return console.log(JSON.stringify(rows, undefined, 1));
  const percent = (value) => value.toFixed(1).padStart(7);
  console.log('recording        DER %  missed  f.alarm  confus.  speakers (ref)  x real time');
  const groups = [...new Set(rows.map(({ group }) => group))];
  for (const group of groups) {
    const members = rows.filter((row) => row.group === group);
    for (const row of members) line(row.name, row, `${row.hypCount} (${row.refCount})`);
    summary(`mean ${group}`, members);
  }
  if (groups.length > 1) summary('mean of all', rows);

  function line(name, row, speakers) {
    console.log(
      `${name.padEnd(15)}${percent(row.derPercent)} ${percent(row.missedPercent)}  ${percent(row.falseAlarmPercent)}  ${percent(row.confusionPercent)}  ${speakers.padStart(14)}  ${row.speed.toFixed(1).padStart(11)}`,
    );
  }
  function summary(title, members) {
    const mean = (key) => members.reduce((sum, row) => sum + row[key], 0) / members.length;
    const right = members.filter((row) => row.hypCount === row.refCount).length;
    const keys = ['derPercent', 'missedPercent', 'falseAlarmPercent', 'confusionPercent', 'speed'];
    line(
      title,
      Object.fromEntries(keys.map((key) => [key, mean(key)])),
      `${right} of ${members.length} right`,
    );
    console.log('');
  }
}
