import type { RttmTurn } from '@avd/domain';
import { expect, it } from 'vitest';
import { scoreRecordings } from './score.js';

/** mulberry32, range [0, 1). */
function randomStream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

it('scores 1000 recordings of 10 to 20 minutes with up to 20 speakers in under 10 s of processor time', () => {
  const random = randomStream(5);
  const ref: RttmTurn[] = [];
  const hyp: RttmTurn[] = [];
  for (let file = 0; file < 1000; file++) {
    const recording = `file${file}`;
    const turnCount = 40 + Math.floor(random() * 360);
    const speakerCount = 1 + Math.floor(random() * 20);
    const durationSec = 600 + random() * 600;
    const stepSec = durationSec / turnCount;
    for (let index = 0; index < turnCount; index++) {
      const speaker = `spk${Math.floor(random() * speakerCount)}`;
      const startSec = Math.round(25 * index * stepSec) / 25;
      const endSec = startSec + Math.round(25 * (0.4 + random() * 1.2 * stepSec)) / 25;
      ref.push({ recording, speaker, startSec, endSec });
      hyp.push({
        recording,
        speaker: random() < 0.9 ? speaker : 'someone',
        startSec: startSec + Math.round(random() * 20) / 100,
        endSec: endSec + 0.25 + Math.round(random() * 20) / 100,
      });
    }
  }
  const before = process.cpuUsage();
  const { files } = scoreRecordings(ref, hyp, { collarSec: 0.25 });
  const used = process.cpuUsage(before);
  expect(files).toHaveLength(1000);
  expect((used.user + used.system) / 1e6).toBeLessThan(10);
});
