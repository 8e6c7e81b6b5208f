import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { graphModelToOnnx, parseGraphModel } from '@avd/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModelPool } from './model-pool.js';

/**
 * Small TensorFlow graphs, converted and run, against the definition of each operation written out plainly
 * (channels last, as TensorFlow has it).
 */
interface Array4 {
  readonly dims: readonly [number, number, number, number];
  readonly data: readonly number[];
}

interface TestNode {
  readonly op: string;
  readonly input: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
const fused = (...ops: string[]) => ({
  list: { s: ops.map((op) => Buffer.from(op).toString('base64')) },
});

function pseudoRandom(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.fround(state / 2 ** 32 - 0.5);
  });
}

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-graph-model-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const pool = createModelPool({
  threads: 1,
  locate: async (name) => ({ name, path: path.join(dir, name), sha256: '' }),
});
afterAll(() => pool[Symbol.asyncDispose]());

let graphCount = 0;

/** Converts and runs a graph on a picture; returns the output `out` with TensorFlow's shape. */
async function runGraph(
  picture: Array4,
  nodes: Readonly<Record<string, TestNode>>,
  constants: Readonly<Record<string, { dims: readonly number[]; data: readonly number[] }>>,
) {
  const [, height, width, channels] = picture.dims;
  const dim = ['-1', height, width, channels].map((size) => ({ size }));
  const json = {
    format: 'graph-model',
    modelTopology: {
      node: [
        ...Object.entries(nodes).map(([name, node]) => ({ name, ...node })),
        { name: 'x', op: 'Placeholder', attr: { shape: { shape: { dim } } } },
        ...Object.keys(constants).map((name) => ({ name, op: 'Const' })),
      ],
    },
    weightsManifest: [
      {
        weights: Object.entries(constants).map(([name, { dims }]) => ({
          name,
          shape: dims,
          dtype: 'float32',
        })),
      },
    ],
  };
  const weights = Float32Array.from(Object.values(constants).flatMap(({ data }) => data));
  const model = parseGraphModel(Buffer.from(JSON.stringify(json)), new Uint8Array(weights.buffer));
  const onnx = graphModelToOnnx(model, {
    name: 'test',
    inputName: 'image',
    outputs: { out: 'out' },
  });
  const name = `graph-${graphCount++}.onnx`;
  await writeFile(path.join(dir, name), onnx);
  const network = await pool.load(name);
  const planar = new Float32Array(picture.data.length);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < channels; c++) {
      planar[c * height * width + i] = picture.data[i * channels + c]!;
    }
  }
  const { out } = await network.run({
    image: { data: planar, dims: [1, channels, height, width] },
  });
  return out!;
}

function pictureOf(height: number, width: number, channels: number): Array4 {
  return { dims: [1, height, width, channels], data: pseudoRandom(height * width * channels, 5) };
}

/** Windows of SAME padding: for each output cell the list of (input y, x, kernel y, x) inside the picture. */
function samePlaces(size: number, kernel: number, stride: number) {
  const out = Math.ceil(size / stride);
  const before = Math.floor(Math.max((out - 1) * stride + kernel - size, 0) / 2);
  return Array.from({ length: out }, (_, o) =>
    Array.from({ length: kernel }, (_, k) => ({ k, at: o * stride + k - before })).filter(
      ({ at }) => at >= 0 && at < size,
    ),
  );
}

function convolve(
  x: Array4,
  filter: { dims: readonly number[]; data: readonly number[] },
  stride: number,
  isDepthwise: boolean,
): Array4 {
  const [, height, width, channels] = x.dims;
  const [kernel = 0, , , last = 0] = filter.dims;
  const outChannels = isDepthwise ? channels * last : last;
  const rows = samePlaces(height, kernel, stride);
  const columns = samePlaces(width, kernel, stride);
  const data: number[] = [];
  for (const row of rows) {
    for (const column of columns) {
      for (let o = 0; o < outChannels; o++) {
        let sum = 0;
        for (const y of row) {
          for (const z of column) {
            for (let c = 0; c < channels; c++) {
              if (isDepthwise && Math.floor(o / last) !== c) continue;
              const at =
                ((y.k * kernel + z.k) * channels + c) * last + (isDepthwise ? o % last : o);
              sum += x.data[(y.at * width + z.at) * channels + c]! * filter.data[at]!;
            }
          }
        }
        data.push(sum);
      }
    }
  }
  return { dims: [1, rows.length, columns.length, outChannels], data };
}

function expectClose(
  actual: { dims: readonly number[]; data: ArrayLike<unknown> },
  expected: { dims: readonly number[]; data: readonly number[] },
): void {
  expect(actual.dims).toEqual(expected.dims);
  expected.data.forEach((value, i) => expect(Number(actual.data[i])).toBeCloseTo(value, 5));
}

const same = (stride: number) => ({
  strides: ints(1, stride, stride, 1),
  padding: text('SAME'),
  data_format: text('NHWC'),
});

describe('graphModelToOnnx', () => {
  it.each([
    { height: 7, width: 10, kernel: 3, stride: 2 },
    { height: 8, width: 9, kernel: 5, stride: 2 },
    { height: 6, width: 5, kernel: 3, stride: 1 },
    { height: 7, width: 7, kernel: 2, stride: 3 },
  ])('converts Conv2D with SAME padding: $height x $width, $kernel / $stride', async (shape) => {
    const { height, width, kernel, stride } = shape;
    const picture = pictureOf(height, width, 3);
    const filter = { dims: [kernel, kernel, 3, 4], data: pseudoRandom(kernel * kernel * 12, 1) };
    const nodes = { out: { op: 'Conv2D', input: ['x', 'w'], attr: same(stride) } };
    const out = await runGraph(picture, nodes, { w: filter });
    expectClose(out, convolve(picture, filter, stride, false));
  });

  it('converts depthwise convolutions with a channel multiplier', async () => {
    const picture = pictureOf(7, 6, 3);
    const filter = { dims: [3, 3, 3, 2], data: pseudoRandom(54, 2) };
    const nodes = { out: { op: 'DepthwiseConv2dNative', input: ['x', 'w'], attr: same(2) } };
    const out = await runGraph(picture, nodes, { w: filter });
    expectClose(out, convolve(picture, filter, 2, true));
  });

  it('folds scale, bias and limits that follow a convolution', async () => {
    const picture = pictureOf(5, 5, 2);
    const filter = { dims: [3, 3, 2, 2], data: pseudoRandom(36, 3) };
    const scale = [2, -1];
    const bias = [0.25, 0.125];
    const nodes = {
      conv: { op: 'Conv2D', input: ['x', 'w'], attr: same(1) },
      scaled: { op: 'Mul', input: ['conv', 'scale'] },
      shifted: { op: 'Add', input: ['bias', 'scaled'] },
      relu: { op: 'Relu', input: ['shifted'] },
      lower: { op: 'Minimum', input: ['relu', 'top'] },
      out: { op: 'Maximum', input: ['lower', 'bottom'] },
    };
    const out = await runGraph(picture, nodes, {
      w: filter,
      scale: { dims: [2], data: scale },
      bias: { dims: [1, 1, 2], data: bias },
      top: { dims: [], data: [0.5] },
      bottom: { dims: [], data: [0.1] },
    });
    const plain = convolve(picture, filter, 1, false);
    const data = plain.data.map((value, i) =>
      Math.max(Math.min(Math.max(value * scale[i % 2]! + bias[i % 2]!, 0), 0.5), 0.1),
    );
    expectClose(out, { dims: plain.dims, data });
  });

  it('does not fold what another node reads as well', async () => {
    const picture = pictureOf(4, 4, 2);
    const filter = { dims: [1, 1, 2, 2], data: pseudoRandom(4, 4) };
    const nodes = {
      conv: { op: 'Conv2D', input: ['x', 'w'], attr: same(1) },
      shifted: { op: 'AddV2', input: ['conv', 'bias'] },
      out: { op: 'AddV2', input: ['conv', 'shifted'] },
    };
    const out = await runGraph(picture, nodes, { w: filter, bias: { dims: [2], data: [1, 2] } });
    const plain = convolve(picture, filter, 1, false);
    const data = plain.data.map((value, i) => 2 * value + 1 + (i % 2));
    expectClose(out, { dims: plain.dims, data });
  });

  it('converts fused bias and PReLU, with slopes of any sign', async () => {
    const picture = pictureOf(4, 5, 3);
    const filter = { dims: [3, 3, 3, 2], data: pseudoRandom(54, 6) };
    const slope = [-0.5, 1.5];
    const attr = { ...same(2), fused_ops: fused('BiasAdd', 'Prelu') };
    const nodes = { out: { op: '_FusedConv2D', input: ['x', 'w', 'b', 's'], attr } };
    const out = await runGraph(picture, nodes, {
      w: filter,
      b: { dims: [2], data: [0.1, -0.2] },
      s: { dims: [1, 1, 2], data: slope },
    });
    const plain = convolve(picture, filter, 2, false);
    const data = plain.data.map((value, i) => {
      const shifted = value + [0.1, -0.2][i % 2]!;
      return shifted < 0 ? shifted * slope[i % 2]! : shifted;
    });
    expectClose(out, { dims: plain.dims, data });
  });

  it('converts MaxPool with SAME padding of odd sizes', async () => {
    const picture = pictureOf(5, 7, 2);
    const attr = { ...same(2), ksize: ints(1, 2, 2, 1) };
    const out = await runGraph(picture, { out: { op: 'MaxPool', input: ['x'], attr } }, {});
    const data = samePlaces(5, 2, 2).flatMap((row) =>
      samePlaces(7, 2, 2).flatMap((column) =>
        [0, 1].map((c) =>
          Math.max(
            ...row.flatMap((y) => column.map((z) => picture.data[(y.at * 7 + z.at) * 2 + c]!)),
          ),
        ),
      ),
    );
    expectClose(out, { dims: [1, 3, 4, 2], data });
  });

  it('pads height, width and channels', async () => {
    const picture = pictureOf(2, 2, 1);
    const nodes = { out: { op: 'Pad', input: ['x', 'p'] } };
    const pads = { dims: [4, 2], data: [0, 0, 1, 0, 0, 1, 0, 1] };
    const out = await runGraph(picture, nodes, { p: pads });
    const [a, b, c, d] = picture.data as [number, number, number, number];
    const data = [0, 0, 0, 0, 0, 0, a, 0, b, 0, 0, 0, c, 0, d, 0, 0, 0];
    expectClose(out, { dims: [1, 3, 3, 2], data });
  });

  it('reshapes in the order of channels-last memory', async () => {
    const picture = pictureOf(2, 3, 2);
    const nodes = { out: { op: 'Reshape', input: ['x', 's'] } };
    const out = await runGraph(picture, nodes, { s: { dims: [2], data: [3, -1] } });
    expectClose(out, { dims: [3, 4], data: picture.data });
  });

  it('converts the head of a classifier: Mean, MatMul, Sigmoid, Softmax', async () => {
    const picture = pictureOf(3, 3, 2);
    const matrix = [1, -2, 0.5, 3, 1, -1];
    const nodes = {
      mean: { op: 'Mean', input: ['x', 'axes'] },
      dense: {
        op: '_FusedMatMul',
        input: ['mean', 'm', 'b'],
        attr: { fused_ops: fused('BiasAdd', 'Relu') },
      },
      sigmoid: { op: 'Sigmoid', input: ['dense'] },
      out: { op: 'Softmax', input: ['sigmoid'] },
    };
    const out = await runGraph(picture, nodes, {
      axes: { dims: [2], data: [1, 2] },
      m: { dims: [2, 3], data: matrix },
      b: { dims: [3], data: [0.1, 0.2, 0.3] },
    });
    const mean = [0, 1].map(
      (c) => picture.data.filter((_, i) => i % 2 === c).reduce((sum, value) => sum + value, 0) / 9,
    );
    const exponentials = [0.1, 0.2, 0.3].map((bias, o) => {
      const dense = Math.max(0, mean[0]! * matrix[o]! + mean[1]! * matrix[3 + o]! + bias);
      return Math.exp(1 / (1 + Math.exp(-dense)));
    });
    const total = exponentials.reduce((sum, value) => sum + value, 0);
    expectClose(out, { dims: [1, 3], data: exponentials.map((value) => value / total) });
  });

  it('names an operation it does not know', async () => {
    const nodes = { out: { op: 'FancyOp', input: ['x'] } };
    await expect(runGraph(pictureOf(2, 2, 1), nodes, {})).rejects.toMatchObject({
      kind: 'model',
      reason: 'MODEL_UNSUPPORTED',
      message: expect.stringContaining('FancyOp') as string,
    });
  });
});
