import { feedsOf } from './sessions.mjs';

/** Item k of a batch as a batch of one. */
function itemOf(inputs, k, batch) {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, tensor]) => {
      const { data, dims } = tensor;
      if (dims.length === 0) return [name, tensor];
      // The lip tower takes 4 frames more than it has windows; the state of the voice detector is (2, batch, 128).
      const axis = name === 'state' ? 1 : 0;
      const length = dims[axis] - batch + 1;
      const blocks = dims.slice(0, axis).reduce((a, b) => a * b, 1);
      const step = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
      const out = new data.constructor(blocks * length * step);
      for (let block = 0; block < blocks; block++) {
        const from = (block * dims[axis] + k) * step;
        out.set(data.subarray(from, from + length * step), block * length * step);
      }
      return [name, { data: out, dims: dims.with(axis, length) }];
    }),
  );
}

/** Whether every item of a batch gives the bytes it gives alone. */
export async function isSameAlone(session, inputs, batch) {
  const together = await session.run(feedsOf(inputs));
  for (const k of [0, batch - 1]) {
    const alone = await session.run(feedsOf(itemOf(inputs, k, batch)));
    for (const [name, { data }] of Object.entries(alone)) {
      if (name === 'stateN') continue;
      const row = together[name].data.subarray(k * data.length, (k + 1) * data.length);
      if (Buffer.compare(asBytes(row), asBytes(data)) !== 0) return false;
    }
  }
  return true;
}

function asBytes({ buffer, byteOffset, byteLength }) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
