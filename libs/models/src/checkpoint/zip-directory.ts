import type { ByteSource } from './byte-source.js';
import { damagedCheckpoint, quoted, unsupportedCheckpoint } from './errors.js';

/** Numbers of the zip format (PKWARE APPNOTE 6.3). */
const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_LOCATOR_BYTES = 20;
const ZIP64_END_SIGNATURE = 0x06064b50;
const ZIP64_END_BYTES = 56;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
const ZIP64_EXTRA_ID = 1;
const ENCRYPTED_FLAG = 1;
const STORED = 0;

/** A checkpoint has a few entries a tensor; more than this is no checkpoint. */
const MAX_DIRECTORY_BYTES = 64 * 2 ** 20;

/** One file inside of the zip file. */
export interface ZipEntry {
  readonly name: string;
  readonly sizeBytes: number;
  readonly headerOffsetBytes: number;
}

interface Directory {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/**
 * Lists what a zip file holds, also zip64. Only entries that are stored as they are (torch writes no others)
 * are accepted, so that no entry can be larger than the file.
 *
 * @throws AvdError CHECKPOINT_DAMAGED, or CHECKPOINT_UNSUPPORTED for compressed and encrypted entries
 */
export async function readZipDirectory(source: ByteSource): Promise<Map<string, ZipEntry>> {
  const { offsetBytes, sizeBytes } = await findDirectory(source);
  if (sizeBytes > MAX_DIRECTORY_BYTES) throw unsupportedCheckpoint('too many entries');
  const bytes = await source.read(offsetBytes, sizeBytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < bytes.byteLength) {
    const { entry, endOffset } = readEntry(bytes, at);
    if (entries.has(entry.name)) {
      throw damagedCheckpoint(`it has two entries named ${quoted(entry.name)}`);
    }
    entries.set(entry.name, entry);
    at = endOffset;
  }
  return entries;
}

/** @returns where the content of an entry starts in the file */
export async function zipContentOffset(source: ByteSource, entry: ZipEntry): Promise<number> {
  const header = view(await source.read(entry.headerOffsetBytes, LOCAL_BYTES));
  if (header.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw damagedCheckpoint(`the entry ${quoted(entry.name)} is not where it should be`);
  }
  const nameBytes = header.getUint16(26, true);
  const extraBytes = header.getUint16(28, true);
  return entry.headerOffsetBytes + LOCAL_BYTES + nameBytes + extraBytes;
}

async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailBytes = Math.min(source.sizeBytes, END_BYTES + MAX_COMMENT_BYTES);
  const tailOffset = source.sizeBytes - tailBytes;
  const tail = view(await source.read(tailOffset, tailBytes));
  for (let at = tailBytes - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END_SIGNATURE) continue;
    // The comment reaches to the end of the file: otherwise these four bytes stand there by chance.
    if (at + END_BYTES + tail.getUint16(at + 20, true) !== tailBytes) continue;
    const directory = {
      sizeBytes: tail.getUint32(at + 12, true),
      offsetBytes: tail.getUint32(at + 16, true),
    };
    return (await findZip64Directory(source, tailOffset + at)) ?? directory;
  }
  throw damagedCheckpoint('it ends early');
}

async function findZip64Directory(
  source: ByteSource,
  endOffset: number,
): Promise<Directory | undefined> {
  if (endOffset < ZIP64_LOCATOR_BYTES) return undefined;
  const locator = view(await source.read(endOffset - ZIP64_LOCATOR_BYTES, ZIP64_LOCATOR_BYTES));
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR_SIGNATURE) return undefined;
  const end = view(await source.read(Number(locator.getBigUint64(8, true)), ZIP64_END_BYTES));
  if (end.getUint32(0, true) !== ZIP64_END_SIGNATURE) {
    throw damagedCheckpoint('its zip directory is broken');
  }
  return {
    sizeBytes: Number(end.getBigUint64(40, true)),
    offsetBytes: Number(end.getBigUint64(48, true)),
  };
}

function readEntry(bytes: Uint8Array, at: number): { entry: ZipEntry; endOffset: number } {
  if (at + ENTRY_BYTES > bytes.byteLength) throw damagedCheckpoint('its zip directory is broken');
  const fixed = view(bytes.subarray(at, at + ENTRY_BYTES));
  const nameEnd = at + ENTRY_BYTES + fixed.getUint16(28, true);
  const extraEnd = nameEnd + fixed.getUint16(30, true);
  const endOffset = extraEnd + fixed.getUint16(32, true);
  if (fixed.getUint32(0, true) !== ENTRY_SIGNATURE || endOffset > bytes.byteLength) {
    throw damagedCheckpoint('its zip directory is broken');
  }
  const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, nameEnd));
  if ((fixed.getUint16(8, true) & ENCRYPTED_FLAG) !== 0) {
    throw unsupportedCheckpoint('an encrypted zip file');
  }
  if (fixed.getUint16(10, true) !== STORED) {
    throw unsupportedCheckpoint('a compressed zip file (torch stores without compression)');
  }
  const sizes = readSizes(fixed, view(bytes.subarray(nameEnd, extraEnd)));
  if (sizes.compressedBytes !== sizes.sizeBytes) {
    throw damagedCheckpoint(`the entry ${quoted(name)} has two different sizes`);
  }
  const { sizeBytes, headerOffsetBytes } = sizes;
  return { entry: { name, sizeBytes, headerOffsetBytes }, endOffset };
}

/** Fields of 0xffffffff have their values in the zip64 extra field, in this order. */
function readSizes(
  fixed: DataView,
  extra: DataView,
): { sizeBytes: number; compressedBytes: number; headerOffsetBytes: number } {
  let zip64At = 0;
  let zip64End = 0;
  for (let at = 0; at + 4 <= extra.byteLength && zip64End === 0;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === ZIP64_EXTRA_ID && end <= extra.byteLength) {
      zip64At = at + 4;
      zip64End = end;
    }
    at = end;
  }
  const field = (offset: number): number => {
    const value = fixed.getUint32(offset, true);
    if (value !== 0xffffffff || zip64At + 8 > zip64End) return value;
    zip64At += 8;
    return Number(extra.getBigUint64(zip64At - 8, true));
  };
  const sizeBytes = field(24);
  const compressedBytes = field(20);
  return { sizeBytes, compressedBytes, headerOffsetBytes: field(42) };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
