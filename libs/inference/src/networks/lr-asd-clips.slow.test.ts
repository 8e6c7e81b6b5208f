import { existsSync } from 'node:fs';
import path from 'node:path';
import { networkGraphs } from '@avd/models';
import { GoldenCase, hasShared, sharedDir } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectValuesClose } from '../testing/expect-close.js';
import { loadNetwork } from '../testing/generated-network.js';
import type { LoadedNetwork } from '../testing/generated-network.js';

const FRAME_PIXELS = 112 * 112;
const COEFFICIENTS = 13;
const FRAME_TOTAL = 149;
const FRAMES_PER_SEC = 25;

const checkpointOf = (weights: string): string =>
  path.join(sharedDir, 'models', `lr_asd_${weights}.model`);

describe.skipIf(!hasShared || !existsSync(checkpointOf('ava')))('LR-ASD on real clips', () => {
  const networks = new Map<string, LoadedNetwork>();
  beforeAll(async () => {
    for (const name of ['talkset', 'ava']) {
      networks.set(name, await loadNetwork(checkpointOf(name), networkGraphs['lr-asd']));
    }
  });
  afterAll(async () => {
    for (const network of networks.values()) await network[Symbol.asyncDispose]();
  });

  /** Scores of a clip that is cut into pieces of whole seconds, each looked at alone. */
  async function score(weights: string, clip: string, sound: string, durationSec: number) {
    const { model } = networks.get(weights)!;
    const other = clip === 'clip_a' ? 'clip_b' : 'clip_a';
    const soundFolder = { own: clip, other, silence: 'silence' }[sound]!;
    const grey = new GoldenCase(`networks/asd_inputs/${clip}`).array('grey112').data as Uint8Array;
    const mfcc = new GoldenCase(`networks/asd_inputs/${soundFolder}`).array(
      sound === 'silence' ? 'mfcc' : 'mfcc_own',
    ).data as Float64Array;
    const scores: number[] = [];
    for (let start = 0; start < FRAME_TOTAL; start += durationSec * FRAMES_PER_SEC) {
      const end = Math.min(start + durationSec * FRAMES_PER_SEC, FRAME_TOTAL);
      const rows = mfcc.subarray(start * 4 * COEFFICIENTS, end * 4 * COEFFICIENTS);
      const outputs = await model.run({
        frames: {
          data: grey.slice(start * FRAME_PIXELS, end * FRAME_PIXELS),
          dims: [1, end - start, 112, 112],
        },
        mfcc: { data: Float32Array.from(rows), dims: [1, 4 * (end - start), COEFFICIENTS] },
      });
      expect(outputs['scores']!.dims).toEqual([1, end - start]);
      scores.push(...(outputs['scores']!.data as Float32Array));
    }
    return scores;
  }

  function expectedScores(weights: string, clip: string, sound: string, durationSec: number) {
    const name = `${clip}_${sound}_${weights}_per_duration`;
    const all = new GoldenCase('networks/lr_asd/clips').array(name);
    const from = (durationSec - 1) * FRAME_TOTAL;
    return { ...all, data: (all.data as Float32Array).slice(from, from + FRAME_TOTAL) };
  }

  const combinations = ['talkset', 'ava'].flatMap((weights) =>
    ['clip_a', 'clip_b'].flatMap((clip) =>
      ['own', 'other', 'silence'].map((sound) => [weights, clip, sound] as const),
    ),
  );

  it.each(combinations)('%s weights, %s, %s sound: scores of the original', async (...which) => {
    expectValuesClose(await score(...which, 6), expectedScores(...which, 6), which.join(' '));
  });

  it.each([1, 2, 3, 4, 5])('scores of the original in pieces of %d s', async (durationSec) => {
    const which = ['ava', 'clip_a', 'own'] as const;
    const actual = await score(...which, durationSec);
    expectValuesClose(actual, expectedScores(...which, durationSec), `${durationSec} s`);
  });
});
