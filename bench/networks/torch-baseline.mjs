/** The same graph, the same inputs, run by torch: see torch_baseline.py. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseModel } from '@avd/models';

const script = fileURLToPath(new URL('torch_baseline.py', import.meta.url));

/** Version of torch, or undefined where this Python has none. */
export function torchVersion(python) {
  const run = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], {
    encoding: 'utf8',
  });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/**
 * @param expected outputs of onnxruntime, to be compared with those of torch
 * @returns medianMs, minMs, and `distance`: largest difference of an output, relative to its largest number
 */
export function timeWithTorch({ python, dir, onnx, inputs, expected, threads, minMs }) {
  const graph = parseModel(onnx);
  const parts = [];
  let offset = 0;
  const place = ({ data, dims }) => {
    const type = { Float32Array: 'float32', Uint8Array: 'uint8', BigInt64Array: 'int64' }[
      data.constructor.name
    ];
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const padding = new Uint8Array(-bytes.length & 63);
    const info = { type, dims: [...dims], offset };
    parts.push(bytes, padding);
    offset += bytes.length + padding.length;
    return info;
  };
  const placeAll = (tensors) =>
    Object.fromEntries([...tensors].map(([name, tensor]) => [name, place(tensor)]));
  const plain = (attribute) => Object.values(attribute)[0];
  const json = {
    minMs,
    nodes: graph.nodes.map(({ opType, inputs: names, outputs, attributes }) => ({
      opType,
      inputs: names,
      outputs,
      attributes: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [k, plain(v)])),
    })),
    outputs: graph.outputs.map(({ name }) => name),
    constants: placeAll(graph.initializers),
    inputs: placeAll(Object.entries(inputs)),
    expected: placeAll(Object.entries(expected)),
  };
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'graph.json'), JSON.stringify(json));
  writeFileSync(path.join(dir, 'constants.bin'), Buffer.concat(parts));
  const run = spawnSync(python, [script, dir, String(threads)], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`torch failed: ${run.stderr.slice(-2000)}`);
  return JSON.parse(run.stdout);
}
