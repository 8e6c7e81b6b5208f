import type { ByteSource } from './byte-source.js';
import type { CheckpointLayout } from './checkpoint-layout.js';
import { MAX_PICKLE_BYTES } from './checkpoint-layout.js';
import { damagedCheckpoint, quoted, unsupportedCheckpoint } from './errors.js';
import { PickleEndsEarly } from './pickle-cursor.js';
import type { CheckpointStorage } from './pickle-values.js';
import { readPickle } from './read-pickle.js';
import { storageBytes, torchMeaning } from './torch-objects.js';
import { readZipDirectory, zipContentOffset } from './zip-directory.js';
import type { ZipEntry } from './zip-directory.js';

/** Reads the description of a zip checkpoint (torch 1.6 and later): `<root>/data.pkl`, `<root>/data/<key>`. */
export async function readZipLayout(source: ByteSource): Promise<CheckpointLayout> {
  const entries = await readZipDirectory(source);
  const root = findRoot(entries);
  await checkByteOrder(source, entries.get(`${root}byteorder`));
  const pickle = await readEntry(source, entries.get(`${root}data.pkl`)!);
  const entryOf = (storage: CheckpointStorage): ZipEntry => {
    const entry = entries.get(`${root}data/${storage.key}`);
    if (entry === undefined)
      throw damagedCheckpoint(`the storage ${quoted(storage.key)} is absent`);
    if (entry.sizeBytes < storageBytes(storage)) {
      throw damagedCheckpoint(`the storage ${quoted(storage.key)} is too short`);
    }
    return entry;
  };
  const meaning = torchMeaning({ maxElements: source.sizeBytes }, entryOf);
  try {
    return {
      root: readPickle(pickle, 0, meaning).value,
      storageOffset: (storage) => zipContentOffset(source, entryOf(storage)),
    };
  } catch (error) {
    throw error instanceof PickleEndsEarly ? damagedCheckpoint('its pickle ends early') : error;
  }
}

/** The folder with the checkpoint in it, with a slash at the end; its name is up to the writer. */
function findRoot(entries: ReadonlyMap<string, ZipEntry>): string {
  for (const name of entries.keys()) {
    const root = /^([^/]+\/)data\.pkl$/.exec(name)?.[1];
    if (root !== undefined) return root;
  }
  throw damagedCheckpoint('it is a zip file, but not one of torch');
}

async function checkByteOrder(source: ByteSource, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined) return;
  const text = new TextDecoder().decode(await readEntry(source, entry));
  if (text !== 'little') throw unsupportedCheckpoint(`byte order ${quoted(text)}`);
}

async function readEntry(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.sizeBytes > MAX_PICKLE_BYTES) throw unsupportedCheckpoint('its pickle is too long');
  return source.read(await zipContentOffset(source, entry), entry.sizeBytes);
}
