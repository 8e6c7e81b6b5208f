import { networkGraphs } from '@avd/models';
import { GoldenCase, hasShared } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, expectValuesClose, firstChannels } from '../testing/expect-close.js';
import { loadGeneratedNetwork } from '../testing/generated-network.js';
import type { LoadedNetwork } from '../testing/generated-network.js';
import { readWavSamples } from '../testing/golden-inputs.js';
import { embedSpeakerWindows, firstColumns, powerOf } from '../testing/speaker-windows.js';

const PIECES = 201;

describe.skipIf(!hasShared)('ResNetSE34V2 made from a checkpoint', () => {
  const golden = hasShared ? new GoldenCase('networks/resnetse') : undefined!;
  let network: LoadedNetwork;
  beforeAll(async () => {
    network = await loadGeneratedNetwork('resnetse', networkGraphs.resnetse34v2, {
      'torchfb.0.flipped_filter': Float32Array.of(-0.97, 1),
      'torchfb.1.spectrogram.window': golden.array('window').data as Float32Array,
      'torchfb.1.mel_scale.fb': golden.array('mel_fb').data as Float32Array,
    });
  });
  afterAll(() => network[Symbol.asyncDispose]());

  it('describes a voice as the reference does, step by step', async () => {
    const data = readWavSamples(golden.file('../speech_2s.wav'));
    const outputs = await network.model.run({ samples: { data, dims: [1, data.length] } });
    const power = powerOf(outputs['inner_squares']!.data as Float32Array);
    const firstPower = firstColumns(power, PIECES, 8);
    expectValuesClose(firstPower, golden.array('power_first8frames'), 'power');
    for (const name of ['preemph', 'mel', 'logmel', 'inorm', 'layer4', 'attention']) {
      expectClose(outputs[`inner_${name}`], golden.array(name), name);
    }
    const layer1 = firstChannels(outputs['inner_layer1']!, 4);
    expectClose(layer1, golden.array('layer1_first4ch'), 'layer1');
    expectClose(outputs['embedding'], golden.array('out'), 'out');
  });

  it('gives the embeddings of a recording', async () => {
    const expected = new GoldenCase('networks/speakernet_run').array('resnetse');
    expectValuesClose(await embedSpeakerWindows(network.model), expected, 'windows');
  });

  it('takes several windows at once', async () => {
    const data = readWavSamples(golden.file('../speech_2s.wav'));
    const quieter = data.map((sample) => sample / 3);
    const outputs = await network.model.run({
      samples: { data: Float32Array.of(...quieter, ...data), dims: [2, data.length] },
    });
    const second = (outputs['embedding']!.data as Float32Array).subarray(512);
    expect(outputs['embedding']!.dims).toEqual([2, 512]);
    expectValuesClose(second, golden.array('out'), 'second window');
  });
});
