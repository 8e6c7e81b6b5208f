import type { ByteSource } from './byte-source.js';
import type { CheckpointLayout } from './checkpoint-layout.js';
import { MAX_PICKLE_BYTES } from './checkpoint-layout.js';
import { damagedCheckpoint, quoted, unsupportedCheckpoint } from './errors.js';
import { PickleEndsEarly } from './pickle-cursor.js';
import { BYTES_PER_ELEMENT } from './pickle-values.js';
import type { CheckpointStorage, PickleValue } from './pickle-values.js';
import { readPickle } from './read-pickle.js';
import { torchMeaning } from './torch-objects.js';

/** First pickle of the file: PROTO 2, LONG1 of ten bytes 0x1950a86a20f9469cfc6c, STOP. */
const MAGIC = Uint8Array.of(
  ...[0x80, 2, 0x8a, 10],
  ...[0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19],
  0x2e,
);
const PROTOCOL_VERSION = 1001;
const FIRST_WINDOW_BYTES = 256 * 1024;
const COUNT_BYTES = 8;

interface LegacyHeader {
  readonly root: PickleValue;
  /** In the order of their content. */
  readonly keys: readonly string[];
  readonly storages: ReadonlyMap<string, CheckpointStorage>;
  /** Where the first storage starts. */
  readonly endOffset: number;
}

/** @param start first bytes of a file */
export function isLegacyCheckpoint(start: Uint8Array): boolean {
  return MAGIC.every((byte, i) => start[i] === byte);
}

/**
 * Reads the description of a checkpoint of torch before 1.6: five pickles (magic, protocol, system, object, keys of
 * the storages), then every storage as an int64 element count and its elements.
 */
export async function readLegacyLayout(source: ByteSource): Promise<CheckpointLayout> {
  const header = await readHeader(source);
  const offsets = await findStorages(source, header);
  return {
    root: header.root,
    storageOffset: async ({ key }) => offsets.get(key)!,
  };
}

/** The pickles do not tell their length: the part of the file that is read grows until it holds them. */
async function readHeader(source: ByteSource): Promise<LegacyHeader> {
  for (let windowBytes = FIRST_WINDOW_BYTES; ; windowBytes *= 4) {
    const lengthBytes = Math.min(windowBytes, source.sizeBytes, MAX_PICKLE_BYTES);
    const bytes = await source.read(0, lengthBytes);
    try {
      return parseHeader(bytes, source.sizeBytes);
    } catch (error) {
      if (!(error instanceof PickleEndsEarly)) throw error;
      if (lengthBytes === source.sizeBytes) throw damagedCheckpoint('it ends early');
      if (lengthBytes === MAX_PICKLE_BYTES) throw unsupportedCheckpoint('its pickle is too long');
    }
  }
}

function parseHeader(bytes: Uint8Array, fileSizeBytes: number): LegacyHeader {
  const storages = new Map<string, CheckpointStorage>();
  const meaning = torchMeaning({ maxElements: fileSizeBytes }, (storage) => {
    const known = storages.get(storage.key) ?? storage;
    if (known.dtype !== storage.dtype || known.elementCount !== storage.elementCount) {
      throw damagedCheckpoint(`the storage ${quoted(storage.key)} is described in two ways`);
    }
    storages.set(storage.key, known);
  });
  let offset = MAGIC.length;
  const next = (): PickleValue => {
    const { value, endOffset } = readPickle(bytes, offset, meaning);
    offset = endOffset;
    return value;
  };
  if (next() !== PROTOCOL_VERSION) throw unsupportedCheckpoint('an unknown version of the format');
  const system = next();
  if (system instanceof Map && system.get('little_endian') === false) {
    throw unsupportedCheckpoint('byte order "big"');
  }
  const root = next();
  const keys = next();
  if (!isListOfText(keys)) throw damagedCheckpoint('its list of storages is broken');
  return { root, keys, storages, endOffset: offset };
}

async function findStorages(
  source: ByteSource,
  { keys, storages, endOffset }: LegacyHeader,
): Promise<Map<string, number>> {
  const offsets = new Map<string, number>();
  let at = endOffset;
  for (const key of keys) {
    const storage = storages.get(key);
    if (storage === undefined) throw damagedCheckpoint(`nothing uses the storage ${quoted(key)}`);
    if (offsets.has(key)) throw damagedCheckpoint(`it lists the storage ${quoted(key)} twice`);
    const count = await source.read(at, COUNT_BYTES);
    if (new DataView(count.buffer).getBigInt64(0, true) !== BigInt(storage.elementCount)) {
      throw damagedCheckpoint(`the storage ${quoted(key)} has another length than stated`);
    }
    offsets.set(key, at + COUNT_BYTES);
    at += COUNT_BYTES + storage.elementCount * BYTES_PER_ELEMENT[storage.dtype];
    if (at > source.sizeBytes) throw damagedCheckpoint('it ends early');
  }
  for (const key of storages.keys()) {
    if (!offsets.has(key)) throw damagedCheckpoint(`the storage ${quoted(key)} is absent`);
  }
  return offsets;
}

function isListOfText(value: PickleValue): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
