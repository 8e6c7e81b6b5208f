import type { TimeSpan } from '@avd/domain';
import type { FaceEvidence, VoiceFrames } from '../types.js';
import { createNormal } from './random.js';

/** Somebody (a number) speaks. */
export interface FakeTurn extends TimeSpan {
  readonly who: number;
}

const COLUMNS = [
  ...Array.from({ length: 15 }, (_, i) => ({ name: `c${i + 1}`, scale: 0.25, offset: 0 })),
  { name: 'logEnergy', scale: 0.08, offset: -10 },
  { name: 'logPitchHz', scale: 0.008, offset: 5.07 },
  { name: 'voicing', scale: 1 / 127, offset: 0 },
];

/**
 * Voice frames of invented speakers: sounds change every 80 ms around the mean of whoever speaks; two at once are mixed.
 * @param separation distance of speakers' means in each direction, in spreads of a single sound
 */
export function fakeVoices(
  turns: readonly FakeTurn[],
  durationSec: number,
  { seed = 1, separation = 1 }: { readonly seed?: number; readonly separation?: number } = {},
): VoiceFrames {
  const normal = createNormal(seed);
  const means = new Map<number, number[]>();
  const people = [...new Set(turns.map(({ who }) => who))].sort((a, b) => a - b);
  for (const who of people)
    means.set(
      who,
      Array.from({ length: 16 }, () => separation * normal()),
    );
  const frameCount = Math.round(durationSec * 100);
  const bytes = new Int8Array(frameCount * COLUMNS.length);
  let sound = Array.from({ length: 16 }, normal);
  for (let t = 0; t < frameCount; t++) {
    if (t % 8 === 0) sound = Array.from({ length: 16 }, normal);
    const sec = t / 100;
    const speaking = turns.filter(({ startSec, endSec }) => startSec <= sec && sec < endSec);
    const meanOf = (k: number): number =>
      speaking.reduce((sum, { who }) => sum + means.get(who)![k]!, 0) /
      Math.max(1, speaking.length);
    const values = sound.map((value, k) => value + meanOf(k) + 0.3 * normal());
    const loudness = (speaking.length === 0 ? -14 : -6) + 0.5 * normal();
    const row = [...values.slice(0, 15).map((v) => 3 * v), loudness, 5 + 0.1 * values[15]!, 0.8];
    for (const [k, { scale, offset }] of COLUMNS.entries()) {
      bytes[t * COLUMNS.length + k] = Math.max(
        -127,
        Math.min(127, Math.round((row[k]! - offset) / scale)),
      );
    }
  }
  return {
    startFrame: 0,
    frameCount,
    columns: COLUMNS,
    data: Buffer.from(bytes.buffer).toString('base64'),
  };
}

export interface FakeLips {
  readonly seed?: number;
  /** Log odds shown while speaking (and, negative, while silent), before noise. @default 1.4 */
  readonly sharpness?: number;
  /** Spread of the slow noise, log odds. @default 1 */
  readonly noise?: number;
  /** Lips that move all the time. @default false */
  readonly alwaysMove?: boolean;
}

/** Lip scores of one face that is seen through [startSec, endSec): noisy, right on average. */
export function fakeFace(
  trackIndex: number,
  who: number,
  turns: readonly FakeTurn[],
  { startSec, endSec }: TimeSpan,
  { seed = 1, sharpness = 1.4, noise = 1, alwaysMove = false }: FakeLips = {},
): FaceEvidence {
  const normal = createNormal(1000 * seed + trackIndex);
  const startFrame = Math.round(25 * startSec);
  const endFrame = Math.round(25 * endSec);
  let drift = normal();
  const speaking = Array.from({ length: endFrame - startFrame }, (_, i) => {
    drift = 0.85 * drift + 0.53 * normal();
    const sec = (startFrame + i) / 25;
    const speaks =
      alwaysMove ||
      turns.some((turn) => turn.who === who && turn.startSec <= sec && sec < turn.endSec);
    return 1 / (1 + Math.exp(-((speaks ? sharpness : -sharpness) + noise * drift)));
  });
  return { trackIndex, startFrame, endFrame, speaking, faceId: who };
}

/** Spans in which anybody speaks. */
export function speechOf(turns: readonly FakeTurn[]): TimeSpan[] {
  const spans: { startSec: number; endSec: number }[] = [];
  for (const { startSec, endSec } of turns.toSorted((a, b) => a.startSec - b.startSec)) {
    const last = spans.at(-1);
    if (last !== undefined && startSec <= last.endSec) last.endSec = Math.max(last.endSec, endSec);
    else spans.push({ startSec, endSec });
  }
  return spans;
}

/** Turns of 2 to 5 s by people who take turns in a fixed order, pauses of 0.5 s. */
export function roundTable(people: number, turnCount: number): FakeTurn[] {
  let startSec = 0.5;
  return Array.from({ length: turnCount }, (_, i) => {
    const endSec = startSec + 2 + ((i * 7) % 4);
    const turn = { startSec, endSec, who: i % people };
    startSec = endSec + 0.5;
    return turn;
  });
}
