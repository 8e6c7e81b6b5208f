/** Turns the script into times: frames of each shot, sound of the whole, reference turns. */
import { createRandom } from './draw/raster.mjs';
import { shots, voices } from './script.mjs';
import { speak, speechSpans } from './voices.mjs';

export const FRAME_RATE = 25;
/** Pauses shorter than this belong to the turn. */
const JOIN_SEC = 0.3;

/**
 * @returns `{ shots, lines, frameCount }`: shots with `startFrame`/`endFrame`, lines with `who`, `startSec`, `speech`
 */
export function planTimeline() {
  const lines = [];
  let frame = 0;
  const placed = shots.map((shot) => {
    const startFrame = frame;
    let endSec = startFrame / FRAME_RATE;
    for (const { who, gapSec, text } of shot.lines) {
      const speech = speak(text, voices[who]);
      // Whole hundredths, so that the reference is exact in three decimals.
      const startSec = Math.round((endSec + gapSec) * 100) / 100;
      lines.push({ who, startSec, speech });
      endSec = startSec + speech.samples.length / speech.sampleRateHz;
    }
    frame = Math.ceil((endSec + shot.tailSec) * FRAME_RATE);
    return { ...shot, startFrame, endFrame: frame };
  });
  return { shots: placed, lines, frameCount: frame };
}

/** Reference turns, sorted by start: `{ speaker, startSec, endSec }`. */
export function referenceTurns(lines) {
  const turns = [];
  for (const { who, startSec, speech } of lines) {
    for (const [from, to] of speechSpans(speech, JOIN_SEC)) {
      const last = turns.findLast((turn) => turn.speaker === who);
      if (last && startSec + from - last.endSec < JOIN_SEC) last.endSec = startSec + to;
      else turns.push({ speaker: who, startSec: startSec + from, endSec: startSec + to });
    }
  }
  return turns.sort((a, b) => a.startSec - b.startSec);
}

export function turnsToRttm(turns, fileId) {
  return turns
    .map(({ speaker, startSec, endSec }) => {
      const times = `${startSec.toFixed(3)} ${(endSec - startSec).toFixed(3)}`;
      return `SPEAKER ${fileId} 1 ${times} <NA> <NA> ${speaker} <NA> <NA>\n`;
    })
    .join('');
}

/** The whole sound as a 16-bit mono WAV file, with the faint hiss of a room under the speech. */
export function mixToWav({ lines, frameCount }) {
  const { sampleRateHz } = lines[0].speech;
  const mixed = new Float32Array(Math.round((frameCount / FRAME_RATE) * sampleRateHz));
  const random = createRandom(7);
  let hiss = 0;
  for (let i = 0; i < mixed.length; i++) {
    hiss = 0.7 * hiss + (random() - 0.5) * 0.0016;
    mixed[i] = hiss;
  }
  for (const { startSec, speech } of lines) {
    const offset = Math.round(startSec * sampleRateHz);
    speech.samples.forEach((value, i) => (mixed[offset + i] += value));
  }
  const bytes = Buffer.alloc(44 + 2 * mixed.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(sampleRateHz, 24);
  bytes.writeUInt32LE(2 * sampleRateHz, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * mixed.length, 40);
  for (let i = 0; i < mixed.length; i++) {
    const value = Math.round(mixed[i] * 32767);
    bytes.writeInt16LE(Math.max(-32768, Math.min(32767, value)), 44 + 2 * i);
  }
  return bytes;
}
