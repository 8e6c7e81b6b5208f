import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ModelConversion, ModelEntry } from '../manifest.js';
import { graphForms } from '../networks/index.js';
import type { GraphForm } from '../networks/index.js';
import { sha256Of, sha256OfFile } from './digest.js';
import { keepFile } from './keep-file.js';

/**
 * Raise whenever the conversion of a checkpoint gives other bytes than before, so that files of the code before are
 * not used any more (converter-version.slow.test.ts tells).
 */
export const CONVERTER_VERSION = 2;

const SHORT_DIGITS = 16;

/** A network with a conversion. */
export type ConvertedEntry = ModelEntry & { readonly conversion: ModelConversion };

/** The forms a network is kept in once it is converted. */
export function formsOf({ conversion }: ModelEntry): readonly GraphForm[] {
  return conversion?.from === 'checkpoint' ? graphForms(conversion.network) : ['plain'];
}

export function isConverted(entry: ModelEntry): entry is ConvertedEntry {
  return entry.conversion !== undefined;
}

/**
 * The ONNX file made of a network earlier; its name tells what it was made from and what it must contain, so it is
 * found and checked without the original.
 * @returns undefined when there is none, or only damaged ones
 */
export async function findConverted(
  entry: ConvertedEntry,
  cacheDir: string,
  form: GraphForm = 'plain',
): Promise<string | undefined> {
  for (const filePath of await usableFiles(entry, cacheDir, form)) {
    if (await isIntact(filePath)) return filePath;
  }
  return undefined;
}

/** Converted files of a network that this version of the program would use, by name only. */
export async function usableFiles(
  entry: ConvertedEntry,
  cacheDir: string,
  form: GraphForm = 'plain',
): Promise<readonly string[]> {
  const start = startOfName(entry, form);
  const files = await convertedFiles(entry, cacheDir);
  return files.filter((filePath) => path.basename(filePath).startsWith(start));
}

/** Every ONNX file made of a network, by this version of the program or another. */
export async function convertedFiles(
  { name }: ModelEntry,
  cacheDir: string,
): Promise<readonly string[]> {
  const folder = path.join(cacheDir, 'onnx');
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => file.startsWith(`${name}-`))
    .filter((file) => /^-(([0-9a-f]{16}-)?[0-9a-f]{16}|int8)\.onnx$/.test(file.slice(name.length)))
    .map((file) => path.join(folder, file));
}

/** Whether the content of a converted file is the one its name tells. */
export async function isIntact(filePath: string): Promise<boolean> {
  const sha256 = await sha256OfFile(filePath).catch(() => '');
  return sha256 !== '' && filePath.endsWith(`-${sha256.slice(0, SHORT_DIGITS)}.onnx`);
}

/** Keeps the ONNX file of a network, in one step. @returns its path @throws AvdError when it cannot be written */
export async function keepConverted(
  entry: ConvertedEntry,
  cacheDir: string,
  onnx: Uint8Array,
  form: GraphForm = 'plain',
): Promise<string> {
  const ending = `${sha256Of(onnx).slice(0, SHORT_DIGITS)}.onnx`;
  const start = startOfName(entry, form);
  const name = start.endsWith('.onnx') ? start : start + ending;
  const target = path.join(cacheDir, 'onnx', name);
  return keepFile(target, onnx);
}

/** What the name of the file must start with; whole where the content is known beforehand. */
function startOfName({ name, weights, conversion }: ConvertedEntry, form: GraphForm): string {
  if (conversion.from === 'tfjs') {
    return `${name}-${conversion.onnxSha256.slice(0, SHORT_DIGITS)}.onnx`;
  }
  const made = form === 'plain' ? conversion.network : `${conversion.network} ${form}`;
  const key = sha256Of(`${weights.sha256} ${made} ${CONVERTER_VERSION}`);
  return `${name}-${key.slice(0, SHORT_DIGITS)}-`;
}
