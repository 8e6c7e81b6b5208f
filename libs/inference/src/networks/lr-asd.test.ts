import { existsSync } from 'node:fs';
import path from 'node:path';
import { checkpointToOnnx, networkGraphs } from '@avd/models';
import { GoldenCase, hasShared, sharedDir } from '@avd/testing';
import type { GoldenArray } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, expectValuesClose } from '../testing/expect-close.js';
import { loadNetwork } from '../testing/generated-network.js';
import type { LoadedNetwork } from '../testing/generated-network.js';
import { transposed } from '../testing/speaker-windows.js';

const checkpointOf = (weights: string): string =>
  path.join(sharedDir, 'models', `lr_asd_${weights}.model`);
const FRAMES = 50;
const FRAME = 25;

/** One frame of a (1, channels, frames, pixels) value. */
function frameOf(data: Float32Array, channels: number): Float32Array {
  const pixels = data.length / channels / FRAMES;
  return data.filter((_, i) => Math.floor(i / pixels) % FRAMES === FRAME);
}

function column(array: GoldenArray, index: number): GoldenArray {
  return { ...array, data: (array.data as Float32Array).filter((_, i) => i % 2 === index) };
}

describe.skipIf(!hasShared || !existsSync(checkpointOf('ava')))(
  'LR-ASD made from its checkpoint',
  () => {
    const networks = new Map<string, LoadedNetwork>();
    beforeAll(async () => {
      for (const name of ['talkset', 'ava']) {
        networks.set(name, await loadNetwork(checkpointOf(name), networkGraphs['lr-asd']));
      }
    });
    afterAll(async () => {
      for (const network of networks.values()) await network[Symbol.asyncDispose]();
    });

    async function runSynthetic(weights: string) {
      const golden = new GoldenCase('networks/asd_inputs/synthetic');
      const video = golden.array('video');
      const mfcc = golden.array('mfcc');
      return networks.get(weights)!.model.run({
        frames: { data: Uint8Array.from(video.data as Uint8Array), dims: [1, 50, 112, 112] },
        mfcc: { data: Float32Array.from(mfcc.data as Float32Array), dims: [1, 200, 13] },
      });
    }

    it('has the inner values of the original', async () => {
      const golden = new GoldenCase('networks/lr_asd/synthetic');
      const outputs = await runSynthetic('talkset');
      const inner = (name: string): Float32Array => outputs[`inner_${name}`]!.data as Float32Array;
      for (const name of ['audio_pool1', 'audio_pool2', 'audio_block3']) {
        expectClose(outputs[`inner_${name}`], golden.array(name), name);
      }
      for (const name of ['visual_pool1', 'visual_pool2']) {
        const perFrame = inner(name).length / FRAMES;
        const frame = inner(name).subarray(FRAME * perFrame, (FRAME + 1) * perFrame);
        expectValuesClose(frame, golden.array(`${name}_frame25`), name);
      }
      const block3 = frameOf(inner('visual_block3'), 128);
      expectValuesClose(block3, golden.array('visual_block3_frame25'), 'visual_block3');
      for (const [name, channels] of [
        ['audio_embedding', 128],
        ['visual_embedding', 128],
        ['fusion', 256],
      ] as const) {
        expectValuesClose(transposed(inner(name), channels), golden.array(name), name);
      }
      const gru = inner('gru');
      const forward = transposed(gru.subarray(0, gru.length / 2), 64);
      const backward = transposed(gru.subarray(gru.length / 2), 64);
      expectValuesClose(forward, golden.array('gru_forward'), 'gru_forward');
      expectValuesClose(backward, golden.array('gru_backward'), 'gru_backward');
      expectClose(outputs['inner_backend'], golden.array('backend'), 'backend');
      expectValuesClose(transposed(inner('logits'), 2), golden.array('logits'), 'logits');
      expectClose(
        outputs['scores'],
        { ...column(golden.array('logits'), 1), shape: [50] },
        'scores',
      );
    });

    it('gives the scores of the original with its other weights', async () => {
      const expected = new GoldenCase('networks/lr_asd/synthetic').array('logits_ava');
      const outputs = await runSynthetic('ava');
      expectClose(outputs['scores'], { ...column(expected, 1), shape: [50] }, 'scores');
    });

    it('makes the same file again', async () => {
      const first = await checkpointToOnnx(checkpointOf('ava'), 'lr-asd');
      const second = await checkpointToOnnx(checkpointOf('ava'), 'lr-asd');
      // Matchers of arrays this long are slow.
      expect(Buffer.compare(first, second)).toBe(0);
    });

    it('says so when the checkpoint is of another network', async () => {
      await expect(checkpointToOnnx(checkpointOf('ava'), 's3fd')).rejects.toMatchObject({
        kind: 'model',
        reason: 'CHECKPOINT_MISMATCH',
        message: `The checkpoint ${checkpointOf('ava')} does not fit the network: it has no tensor "vgg.0.weight".`,
      });
    });
  },
);
