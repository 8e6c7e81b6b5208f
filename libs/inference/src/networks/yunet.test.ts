import { existsSync } from 'node:fs';
import path from 'node:path';
import { GoldenCase, hasShared, sharedDir } from '@avd/testing';
import { describe, it } from 'vitest';
import { createModelPool } from '../model-pool.js';
import { expectClose } from '../testing/expect-close.js';
import { readPngTensor } from '../testing/golden-inputs.js';

const modelPath = path.join(sharedDir, 'models/yunet_n_dynamic.onnx');

describe.skipIf(!hasShared || !existsSync(modelPath))('YuNet as published', () => {
  it('gives the raw outputs of the reference', async () => {
    const golden = new GoldenCase('networks/yunet/frame_640x360');
    const { data, dims } = readPngTensor(golden.file('frame.png'));
    const [, height = 0, width = 0] = dims;
    // 360 rows become 384; the columns are a multiple of 32 already.
    const planes = new Float32Array(3 * 384 * width);
    for (let i = 0; i < width * height * 3; i++) {
      planes[(i % 3) * 384 * width + Math.floor(i / 3)] = Number(data[i]);
    }
    await using pool = createModelPool({
      threads: 1,
      locate: async (name) => ({ name, path: modelPath, sha256: '' }),
    });
    const model = await pool.load('yunet');
    const outputs = await model.run({ input: { data: planes, dims: [1, 3, 384, width] } });
    for (const kind of ['cls', 'obj', 'bbox', 'kps']) {
      for (const stride of [8, 16, 32]) {
        const name = `${kind}_${stride}`;
        expectClose(outputs[name], golden.array(name), name);
      }
    }
  });
});
