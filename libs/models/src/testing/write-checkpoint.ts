import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { PickleWriter, littleEndian } from './pickle-writer.js';

/** A tensor to be written; its values are asked for when their turn comes. */
export interface WritableTensor {
  readonly name: string;
  readonly shape: readonly number[];
  values(): Float32Array | BigInt64Array;
  readonly dtype: 'float32' | 'int64';
}

/** Bytes of a file as torch.save(state_dict) writes it, zip format, one storage a tensor. */
export function* zipCheckpoint(tensors: readonly WritableTensor[]): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let offsetBytes = 0;
  const entry = function* (name: string, content: Uint8Array): Generator<Uint8Array> {
    const nameBytes = Buffer.from(name, 'latin1');
    // torch fills the extra field so that the content starts at a multiple of 64.
    const unaligned = offsetBytes + 30 + nameBytes.length + 4;
    const padding = new Uint8Array((64 - (unaligned % 64)) % 64);
    const extra = Buffer.concat([Buffer.from('FB'), u16(padding.length), padding]);
    const common = Buffer.concat([
      ...[u16(0), u16(0), u16(0), u16(0), u16(0), u32(crc32(content))],
      ...[u32(content.length), u32(content.length), u16(nameBytes.length)],
    ]);
    const header = Buffer.concat([u32(0x04034b50), common, u16(extra.length), nameBytes, extra]);
    directory.push(
      Buffer.concat([
        ...[u32(0x02014b50), u16(0), common, u16(0), u16(0), u16(0), u16(0), u32(0)],
        ...[u32(offsetBytes), nameBytes],
      ]),
    );
    offsetBytes += header.length + content.length;
    yield header;
    yield content;
  };
  yield* entry('archive/data.pkl', stateDictPickle(tensors, 'zip'));
  for (const [key, tensor] of tensors.entries()) {
    yield* entry(`archive/data/${key}`, bytesOf(tensor.values()));
  }
  yield* entry('archive/version', Buffer.from('3\n'));
  const directoryBytes = Buffer.concat(directory);
  const count = u16(directory.length);
  yield directoryBytes;
  yield Buffer.concat([
    ...[u32(0x06054b50), u16(0), u16(0), count, count],
    ...[u32(directoryBytes.length), u32(offsetBytes), u16(0)],
  ]);
}

/** The same in the format of torch before 1.6. */
export function* legacyCheckpoint(tensors: readonly WritableTensor[]): Generator<Uint8Array> {
  const magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  yield new PickleWriter().raw(0x8a, 10, ...magic).finish();
  yield new PickleWriter().integer(1001).finish();
  yield new PickleWriter().raw(0x7d).text('little_endian').raw(0x88, 0x73).finish();
  yield stateDictPickle(tensors, 'legacy');
  const keys = new PickleWriter().raw(0x5d, 0x28);
  for (const key of tensors.keys()) keys.text(String(key));
  yield keys.raw(0x65).finish();
  for (const tensor of tensors) {
    const values = tensor.values();
    yield Uint8Array.from(littleEndian(values.length, 8));
    yield bytesOf(values);
  }
}

/** Writes the parts of a checkpoint one after another, so that only one tensor is in memory. */
export async function writeParts(filePath: string, parts: Iterable<Uint8Array>): Promise<void> {
  await using file = await open(filePath, 'w');
  for (const part of parts) await file.writeFile(part);
}

function stateDictPickle(tensors: readonly WritableTensor[], format: 'zip' | 'legacy'): Uint8Array {
  const pickle = new PickleWriter();
  pickle.orderedDict(() => {
    for (const [key, { name, shape, dtype }] of tensors.entries()) {
      const elementCount = shape.reduce((product, dim) => product * dim, 1);
      const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
      pickle.text(name).imported('torch._utils', '_rebuild_tensor_v2');
      pickle.tuple(() => {
        pickle.tuple(() => {
          pickle.text('storage');
          pickle.imported('torch', dtype === 'float32' ? 'FloatStorage' : 'LongStorage');
          pickle.text(String(key)).text('cpu').integer(elementCount);
          if (format === 'legacy') pickle.raw(0x4e);
        });
        pickle.raw(0x51).integer(0);
        pickle.tuple(() => shape.forEach((dim) => pickle.integer(dim)));
        pickle.tuple(() => strides.forEach((stride) => pickle.integer(stride)));
        pickle.raw(0x89).imported('collections', 'OrderedDict').raw(0x29, 0x52);
      });
      pickle.raw(0x52);
    }
  });
  return pickle.finish();
}

function bytesOf(values: Float32Array | BigInt64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function u16(value: number): Uint8Array {
  return Uint8Array.from(littleEndian(value, 2));
}

function u32(value: number): Uint8Array {
  return Uint8Array.from(littleEndian(value, 4));
}
