import { networkGraphs } from '@avd/models';
import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/expect-close.js';
import { loadGeneratedNetwork } from '../testing/generated-network.js';

describe.skipIf(!hasShared)('SyncNet made from a checkpoint', () => {
  it('looks at lips as the reference does', async () => {
    const golden = new GoldenCase('networks/syncnet');
    await using network = await loadGeneratedNetwork('syncnet', networkGraphs['syncnet-lip']);
    const frames = golden.array('frames');
    const outputs = await network.model.run({
      frames: { data: frames.data as Uint8Array, dims: frames.shape },
    });
    expect(outputs['embeddings']?.dims).toEqual([2, 1024]);
    expectClose(outputs['embeddings'], golden.array('lip_out'), 'lip_out');
    for (const name of ['netcnnlip_7', 'netcnnlip_17', 'netfclip_2']) {
      expectClose(outputs[`inner_${name}`], golden.array(name), name);
    }
  });

  it('listens as the reference does', async () => {
    const golden = new GoldenCase('networks/syncnet');
    await using network = await loadGeneratedNetwork('syncnet', networkGraphs['syncnet-audio']);
    const windows = golden.array('aud_input');
    const outputs = await network.model.run({
      mfcc: { data: windows.data as Float32Array, dims: windows.shape },
    });
    expectClose(outputs['embeddings'], golden.array('aud_out'), 'aud_out');
    for (const name of ['netcnnaud_7', 'netcnnaud_17', 'netcnnaud_20', 'netfcaud_2']) {
      expectClose(outputs[`inner_${name}`], golden.array(name), name);
    }
  });
});
