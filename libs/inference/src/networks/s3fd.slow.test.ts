import { networkGraphs } from '@avd/models';
import type { GraphForm } from '@avd/models';
import { GoldenCase, hasShared } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectClose, expectValuesClose, firstChannels } from '../testing/expect-close.js';
import { loadGeneratedNetwork } from '../testing/generated-network.js';
import type { LoadedNetwork } from '../testing/generated-network.js';
import { readPngTensor } from '../testing/golden-inputs.js';

const forms: readonly GraphForm[] = ['plain', 'winograd'];

describe.skipIf(!hasShared).each(forms)('S3FD made from a checkpoint, %s', (form) => {
  let network: LoadedNetwork;
  beforeAll(async () => {
    network = await loadGeneratedNetwork('s3fd', (weights) => networkGraphs.s3fd(weights, form));
  });
  afterAll(() => network[Symbol.asyncDispose]());

  it.each(['forward_144x256', 'forward_126x224', 'forward_101x173_odd'])(
    'gives the boxes and scores of the reference for %s',
    async (name) => {
      const golden = new GoldenCase(`networks/s3fd/${name}`);
      const outputs = await network.model.run({ image: readPngTensor(golden.file('image.png')) });
      expectClose(outputs['loc'], golden.array('loc'), 'loc');
      expectClose(outputs['inner_conf_logits'], golden.array('conf_logits'), 'conf_logits');
      expectClose(outputs['inner_conf'], golden.array('conf'), 'conf');
      const faceColumn = golden.array('conf').data.filter((_, i) => i % 2 === 1);
      const conf = golden.array('conf');
      expectValuesClose(
        outputs['scores']!.data as Float32Array,
        { ...conf, data: faceColumn },
        'scores',
      );
      expect(outputs['scores']!.dims).toEqual(conf.shape.slice(0, 2));
    },
  );

  it('has the inner values of the reference', async () => {
    const golden = new GoldenCase('networks/s3fd/forward_144x256');
    const outputs = await network.model.run({ image: readPngTensor(golden.file('image.png')) });
    const source0 = firstChannels(outputs['inner_source0']!, 4);
    expectClose(source0, golden.array('source0_first4ch'), 'source0');
    for (const name of ['source2', 'source3', 'source4', 'source5']) {
      expectClose(outputs[`inner_${name}`], golden.array(name), name);
    }
  });

  it('gives every picture of a batch what it gets alone', async () => {
    const golden = new GoldenCase('networks/s3fd/forward_101x173_odd');
    const image = readPngTensor(golden.file('image.png'));
    const flipped = Uint8Array.from(image.data as Uint8Array).reverse();
    const both = new Uint8Array([...flipped, ...(image.data as Uint8Array)]);
    const outputs = await network.model.run({
      image: { data: both, dims: [2, ...image.dims.slice(1)] },
    });
    const loc = outputs['loc']!.data as Float32Array;
    expectValuesClose(loc.subarray(loc.length / 2), golden.array('loc'), 'loc');
  });
});
