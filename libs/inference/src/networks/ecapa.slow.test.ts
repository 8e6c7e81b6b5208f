import { networkGraphs } from '@avd/models';
import { GoldenCase, hasShared } from '@avd/testing';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectClose, expectValuesClose, firstChannels } from '../testing/expect-close.js';
import { loadGeneratedNetwork } from '../testing/generated-network.js';
import type { LoadedNetwork } from '../testing/generated-network.js';
import { readWavSamples } from '../testing/golden-inputs.js';
import { embedSpeakerWindows, powerOf, transposed } from '../testing/speaker-windows.js';

const BINS = 201;
const BANDS = 80;

describe.skipIf(!hasShared)('ECAPA-TDNN made from a checkpoint', () => {
  let network: LoadedNetwork;
  beforeAll(async () => {
    network = await loadGeneratedNetwork('ecapa', networkGraphs['ecapa-tdnn']);
  });
  afterAll(() => network[Symbol.asyncDispose]());

  it('describes a voice as the reference does, step by step', async () => {
    const golden = new GoldenCase('networks/ecapa');
    const data = readWavSamples(golden.file('../speech_2s.wav'));
    const outputs = await network.model.run({ samples: { data, dims: [1, data.length] } });
    const power = transposed(powerOf(outputs['inner_squares']!.data as Float32Array), BINS);
    const firstPower = power.slice(0, 8 * BINS);
    expectValuesClose(firstPower, golden.array('power_first8frames'), 'power');
    for (const name of ['fbank', 'fbank_norm']) {
      const features = transposed(outputs[`inner_${name}`]!.data as Float32Array, BANDS);
      expectValuesClose(features, golden.array(name), name);
    }
    for (const name of ['block0', 'block1', 'block3', 'mfa']) {
      const first = firstChannels(outputs[`inner_${name}`]!, 16);
      expectClose(first, golden.array(`${name}_first16ch`), name);
    }
    expectClose(outputs['inner_asp'], golden.array('asp'), 'asp');
    expectClose(outputs['embedding'], golden.array('out'), 'out');
  });

  it('gives the embeddings of a recording', async () => {
    const expected = new GoldenCase('networks/speakernet_run').array('ecapa');
    expectValuesClose(await embedSpeakerWindows(network.model), expected, 'windows');
  });
});
