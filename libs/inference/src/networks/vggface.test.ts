import { networkGraphs } from '@avd/models';
import { GoldenCase, hasShared } from '@avd/testing';
import { describe, it } from 'vitest';
import { expectClose, firstChannels } from '../testing/expect-close.js';
import { loadGeneratedNetwork } from '../testing/generated-network.js';

describe.skipIf(!hasShared)('VGGFace2 ResNet-50 made from a checkpoint', () => {
  it('describes faces as the reference does', async () => {
    const golden = new GoldenCase('networks/vggface');
    const graph = networkGraphs['vggface-resnet50'];
    await using network = await loadGeneratedNetwork('vggface', graph);
    const { data } = golden.array('input');
    const outputs = await network.model.run({
      image: { data: data as Uint8Array, dims: [1, 224, 224, 3] },
    });
    expectClose(outputs['embedding'], golden.array('out'), 'out');
    expectClose(outputs['inner_layer4'], golden.array('layer4'), 'layer4');
    for (const [name, channels] of [
      ['maxpool', 4],
      ['layer1', 4],
      ['layer2', 16],
    ] as const) {
      const first = firstChannels(outputs[`inner_${name}`]!, channels);
      expectClose(first, golden.array(`${name}_first${channels}ch`), name);
    }
  });
});
