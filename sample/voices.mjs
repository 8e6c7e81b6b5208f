/** Speech by espeak-ng, and what the picture and the reference need to know about it. */
import { spawnSync } from 'node:child_process';

const FRAME_SEC = 0.01;
/** Quieter than this, relative to the loudest 10 ms of the line, counts as silence. */
const SILENCE_DB = -36;
/** Root mean square of a line's samples, full scale being 1. */
const ACTIVE_LEVEL = 0.07;

/** @returns `{ samples, sampleRateHz }` of one spoken line, silence at both ends removed, level ACTIVE_LEVEL. */
export function speak(text, { voice, pitch, wordsPerMinute }) {
  const args = ['-v', voice, '-p', `${pitch}`, '-s', `${wordsPerMinute}`, '--stdout', text];
  const run = spawnSync('espeak-ng', args, { maxBuffer: 1 << 28 });
  if (run.status !== 0) {
    throw new Error('Making the sample needs espeak-ng (Debian package espeak-ng).');
  }
  const { samples, sampleRateHz } = parseWav(run.stdout);
  const active = activeFrames(samples, sampleRateHz);
  const hop = Math.round(FRAME_SEC * sampleRateHz);
  const trimmed = samples.slice(active.indexOf(true) * hop, (active.lastIndexOf(true) + 1) * hop);
  const gain = ACTIVE_LEVEL / rootMeanSquare(trimmed, 0, trimmed.length);
  return { samples: trimmed.map((x) => x * gain), sampleRateHz };
}

function parseWav(bytes) {
  let at = 12;
  while (bytes.toString('latin1', at, at + 4) !== 'data') at += 8 + bytes.readUInt32LE(at + 4);
  // The length field is not filled in when espeak-ng writes to a pipe: everything after it is sound.
  const count = (bytes.length - at - 8) >> 1;
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i++) samples[i] = bytes.readInt16LE(at + 8 + 2 * i) / 32768;
  return { samples, sampleRateHz: bytes.readUInt32LE(24) };
}

function rootMeanSquare(samples, start, end) {
  let sum = 0;
  for (let i = Math.max(0, start); i < Math.min(end, samples.length); i++) sum += samples[i] ** 2;
  return Math.sqrt(sum / Math.max(1, end - start));
}

function activeFrames(samples, sampleRateHz) {
  const hop = Math.round(FRAME_SEC * sampleRateHz);
  const levels = [];
  for (let start = 0; start + hop <= samples.length; start += hop) {
    levels.push(rootMeanSquare(samples, start, start + hop));
  }
  const floor = Math.max(...levels) * 10 ** (SILENCE_DB / 20);
  return levels.map((level) => level > floor);
}

/** Speech inside a line as `[startSec, endSec]` from its first sample; pauses shorter than `joinSec` are speech. */
export function speechSpans({ samples, sampleRateHz }, joinSec) {
  const spans = [];
  activeFrames(samples, sampleRateHz).forEach((active, index) => {
    if (!active) return;
    const startSec = index * FRAME_SEC;
    const endSec = startSec + FRAME_SEC;
    const last = spans.at(-1);
    if (last && startSec - last[1] < joinSec) last[1] = endSec;
    else spans.push([startSec, endSec]);
  });
  return spans;
}

/**
 * Mouth shapes of one line, one for each video frame.
 * @returns array of `{ open, wide }`: opening 0..1 from loudness, width -1..1 from how hissing the sound is
 */
export function mouthShapes({ samples, sampleRateHz }, frameRate, startSec, frameCount) {
  const windowSamples = Math.round(0.05 * sampleRateHz);
  const shapes = [];
  for (let frame = 0; frame < frameCount; frame++) {
    const centre = Math.round(((frame + 0.5) / frameRate - startSec) * sampleRateHz);
    const start = centre - (windowSamples >> 1);
    const level = rootMeanSquare(samples, start, start + windowSamples);
    shapes.push({ level, hiss: crossingRate(samples, start, start + windowSamples) });
  }
  const levels = shapes.map(({ level }) => level).filter((level) => level > 0);
  const loud = levels.sort((a, b) => a - b)[Math.floor(levels.length * 0.9)];
  let open = 0;
  return shapes.map(({ level, hiss }) => {
    const target = Math.min(1.1, level / loud) ** 0.7 * 0.9 * (1 - 0.6 * Math.min(1, hiss * 3));
    open += (target - open) * 0.8;
    return { open: open < 0.04 ? 0 : open, wide: Math.max(-1, Math.min(1, hiss * 8 - 0.7)) };
  });
}

/** Zero crossings per sample. */
function crossingRate(samples, start, end) {
  let crossings = 0;
  for (let i = Math.max(1, start); i < Math.min(end, samples.length); i++) {
    if (samples[i - 1] < 0 !== samples[i] < 0) crossings++;
  }
  return crossings / (end - start);
}
