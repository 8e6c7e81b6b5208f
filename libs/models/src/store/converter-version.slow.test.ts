import { describe, expect, it } from 'vitest';
import { graphForms, networkGraphs } from '../networks/index.js';
import type { NetworkName } from '../networks/index.js';
import { CONVERTER_VERSION } from './converted-file.js';
import { sha256Of } from './digest.js';

/** Start of the SHA-256 of the ONNX files made of made-up numbers, for one version of the converter. */
const expected: Readonly<Record<string, string>> = {
  s3fd: 'c7bee10941991bba',
  's3fd winograd': 'e7eb9f716031955c',
  'syncnet-lip': '4cd039529504abaa',
  'syncnet-audio': 'b44c41507e9328aa',
  'vggface-resnet50': 'ae4917d538bd8cca',
  resnetse34v2: '0f4d015f86c1f5f4',
  'ecapa-tdnn': 'd0dab81c401a0020',
  'lr-asd': '9e32a8b0f55f0ca5',
};

/** Positive numbers, quick to make. */
function madeUp(name: string, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const values = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
  for (let i = 0; i < values.length; i++) values[i] = (((i * 7 + name.length) % 13) + 1) / 16;
  return values;
}

describe(`version ${CONVERTER_VERSION} of the converter`, () => {
  const networks = Object.keys(networkGraphs) as NetworkName[];
  const made = networks.flatMap((network) =>
    graphForms(network).map((form) => ({ network, form })),
  );

  it.each(made)(
    'makes the same bytes of $network, $form, as ever; if that is meant to change, raise CONVERTER_VERSION',
    async ({ network, form }) => {
      const weights = {
        read: async (name: string, shape: readonly number[]) => madeUp(name, shape),
      };
      const { graph } = await networkGraphs[network](weights, form);
      const key = form === 'plain' ? network : `${network} ${form}`;
      expect(sha256Of(graph.encode()).slice(0, 16)).toBe(expected[key]);
    },
  );
});
