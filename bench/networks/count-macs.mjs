import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { feedsOf, openSession } from './sessions.mjs';

const size = (dims) => dims.reduce((product, dim) => product * dim, 1);

/** Multiply-accumulates of an operation from the shapes of its inputs and outputs. */
const macsOf = {
  Conv: ([, weight], [out]) => size(out) * size(weight.slice(1)),
  ConvTranspose: ([input, weight]) => size(input) * size(weight.slice(1)),
  Gemm: ([, weight], [out]) => (size(out) * size(weight)) / out.at(-1),
  MatMul: ([a], [out]) => size(out) * a.at(-1),
  LSTM: ([x, w, r]) => x[0] * x[1] * (size(w) + size(r)),
  GRU: ([x, w, r]) => x[0] * x[1] * (size(w) + size(r)),
};

/**
 * Multiply-accumulates of one run, counted from the operations that run: the graph is run once as it is written, and
 * the runtime tells the shapes.
 */
export async function countMacs(model, inputs, prefix) {
  const session = await openSession(model, 1, {
    graphOptimizationLevel: 'disabled',
    enableProfiling: true,
    profileFilePrefix: prefix,
    // Constants that are packed beforehand have no shape in the profile.
    extra: { session: { disable_prepacking: '1' } },
  });
  await session.run(feedsOf(inputs));
  session.endProfiling();
  await session.release();
  const folder = path.dirname(prefix);
  const found = readdirSync(folder).find((file) => file.startsWith(path.basename(prefix)));
  const profilePath = path.join(folder, found);
  const events = JSON.parse(readFileSync(profilePath, 'utf8'));
  rmSync(profilePath);
  let macs = 0;
  for (const { cat, name, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const count = macsOf[args.op_name];
    if (count === undefined) continue;
    const shapes = (list) => list.map((entry) => Object.values(entry)[0]);
    macs += count(shapes(args.input_type_shape), shapes(args.output_type_shape));
  }
  return macs;
}
