/**
 * The networks of the pipeline and what they are fed with. A run of batch 1 does `unitsPerItem` units of work
 * (1 where absent); `torch` is what the reference took with one and two threads, in ms a unit (torch 1.13.1, batches of
 * 1 or, for SyncNet, 20; for faces 4), measured on another machine.
 */
import { GraphBuilder, graphForms, locateModel, networkGraphs } from '@avd/models';
import { madeUpWeights } from '@avd/models/testing';

const bytes = (...dims) => ({ data: filled(Uint8Array, dims, 256, 0), dims });
const floats = (...dims) => ({ data: filled(Float32Array, dims, 2, -1), dims });
const pixels = (...dims) => ({ data: filled(Float32Array, dims, 256, 0), dims });

/** Numbers that look random and are the same every time. */
function filled(Kind, dims, range, start) {
  const data = new Kind(dims.reduce((product, dim) => product * dim, 1));
  let state = 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = start + (state / 2 ** 32) * range;
  }
  return data;
}

const CLIP_FRAMES = 50;

export const networks = [
  {
    name: 's3fd',
    unit: 'frame 1280x720 at 0.35',
    inputs: (batch) => ({ image: bytes(batch, 252, 448, 3) }),
    hasInt8: true,
    batches: [1, 2],
    torch: { 1: 476.03, 2: 259.27 },
  },
  {
    name: 'syncnet-lip',
    unit: 'window of 5 frames',
    inputs: (batch) => ({ frames: bytes(batch + 4, 224, 224, 3) }),
    hasInt8: true,
    batches: [1, 4, 20],
    torch: { 1: 30.91, 2: 18.2 },
  },
  {
    name: 'syncnet-audio',
    unit: 'window of 5 frames',
    inputs: (batch) => ({ mfcc: floats(batch, 1, 13, 20) }),
    hasInt8: true,
    batches: [1, 4, 20],
    torch: { 1: 3.23, 2: 2.2 },
  },
  {
    name: 'vggface-resnet50',
    unit: 'picture 224x224',
    inputs: (batch) => ({ image: bytes(batch, 224, 224, 3) }),
    batches: [1, 4],
    torch: { 1: 70.69, 2: 34.52 },
  },
  {
    name: 'resnetse34v2',
    unit: '2 s of sound',
    inputs: (batch) => ({ samples: floats(batch, 32_000) }),
    batches: [1, 4],
    torch: { 1: 42.49, 2: 44.74 },
  },
  {
    name: 'ecapa-tdnn',
    unit: '2 s of sound',
    inputs: (batch) => ({ samples: floats(batch, 32_000) }),
    batches: [1, 4],
    torch: { 1: 85.93, 2: 51.21 },
  },
  {
    name: 'lr-asd',
    unit: 'video frame',
    unitsPerItem: CLIP_FRAMES,
    inputs: (batch) => ({
      frames: bytes(batch, CLIP_FRAMES, 112, 112),
      mfcc: floats(batch, 4 * CLIP_FRAMES, 13),
    }),
    batches: [1, 2],
    torch: { 1: 6.83, 2: 2.0 },
  },
  {
    name: 'yunet',
    unit: 'frame 1280x736',
    isPublished: true,
    inputs: (batch) => ({ input: pixels(batch, 3, 736, 1280) }),
    batches: [1],
  },
  {
    name: 'blazeface',
    unit: 'picture 256x256',
    isPublished: true,
    inputs: (batch) => ({ image: floats(batch, 3, 256, 256) }),
    batches: [1],
  },
  {
    name: 'facemesh',
    unit: 'face 192x192',
    isPublished: true,
    inputs: (batch) => ({ image: floats(batch, 3, 192, 192) }),
    batches: [1],
  },
  {
    name: 'faceres',
    unit: 'face 224x224',
    isPublished: true,
    inputs: (batch) => ({ image: pixels(batch, 3, 224, 224) }),
    batches: [1],
  },
  {
    name: 'silero-vad',
    unit: 'piece of 32 ms',
    isPublished: true,
    inputs: (batch) => ({
      input: floats(batch, 576),
      state: { data: new Float32Array(2 * batch * 128), dims: [2, batch, 128] },
      sr: { data: BigInt64Array.of(16_000n), dims: [] },
    }),
    batches: [1, 8],
  },
];

/**
 * The ONNX file of a network, with made-up weights where the network is built from a checkpoint: as it runs on a
 * processor, and plain, which 8 bits and the baseline start from and multiplications are counted in.
 */
export async function onnxOf({ name, isPublished }, cacheDir) {
  if (isPublished) {
    const located = await locateModel(name, cacheDir === undefined ? {} : { cacheDir });
    return { model: located.path, plainModel: located.path };
  }
  const encode = async (form) =>
    (await networkGraphs[name](madeUpWeights(name), form)).graph.encode();
  const plainModel = await encode('plain');
  const model = graphForms(name).includes('winograd') ? await encode('winograd') : plainModel;
  return { model, plainModel };
}

/** One product of two square matrices, to find out what this machine can do. */
export function matrixProduct(side) {
  const graph = new GraphBuilder('product');
  graph.input({ name: 'a', type: 'float32', dims: [side, side] });
  const data = new Float32Array(side * side).fill(0.5);
  graph.node('MatMul', ['a', graph.constant({ data, dims: [side, side] })], {}, ['product']);
  graph.output({ name: 'product', type: 'float32', dims: [side, side] });
  return { onnx: graph.encode(), inputs: { a: floats(side, side) }, macs: side ** 3 };
}
