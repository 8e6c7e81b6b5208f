import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AvdError } from '@avd/domain';
import { defaultCacheDir } from './cache-dir.js';
import { modelManifest } from './manifest.js';
import type { ModelConversion, ModelEntry, ModelFile, ModelManifest } from './manifest.js';
import type { GraphForm } from './networks/index.js';
import { locateQuantized, quantizedOf } from './quantize/index.js';
import { verifiedCarriedPath } from './store/carried-file.js';
import { convertCheckpoint } from './store/convert-checkpoint.js';
import { findConverted, formsOf, isConverted, keepConverted } from './store/converted-file.js';
import type { ConvertedEntry } from './store/converted-file.js';
import { sha256Of } from './store/digest.js';
import { notPulled, wrongFile } from './store/errors.js';
import { unknownModel } from './store/select-models.js';
import { findStored } from './store/stored-file.js';
import { parseGraphModel } from './tfjs/graph-model.js';
import { graphModelToOnnx } from './tfjs/graph-model-to-onnx.js';

/** An ONNX file which has been checked and can be loaded. */
export interface LocatedModel {
  readonly name: string;
  /** Path of the ONNX file. */
  readonly path: string;
  /** SHA-256 of the published weights file, hex; of the ONNX file itself for an 8-bit form. */
  readonly sha256: string;
}

export interface LocateModelOptions {
  /** Folder of downloaded models; converted ones are kept in its sub-folder `onnx`. @default defaultCacheDir() */
  readonly cacheDir?: string | undefined;
  /** @default modelManifest */
  readonly manifest?: ModelManifest;
  /** Form to make of a checkpoint, for networks that have several; others come as `plain`. @default 'plain' */
  readonly form?: GraphForm;
}

/**
 * Finds a network of the manifest on this machine and makes an ONNX file of it if it is not one already; it never
 * downloads. Files are compared with their SHA-256 on every call. Converted files are kept under a name made from
 * their content and written in one step, so that several processes may do so at once. A name with `-int8` stands for
 * the 8-bit form of a network, which `avd models quantize` made.
 *
 * @throws AvdError kind `precondition` reason MODEL_NOT_PULLED, saying what to run; kind `model`: unknown name, missing
 *   or damaged file; kind `permissionDenied` or `resourceExhausted`: the cache folder cannot be written
 */
export async function locateModel(
  name: string,
  options: LocateModelOptions = {},
): Promise<LocatedModel> {
  const manifest = options.manifest ?? modelManifest;
  const cacheDir = path.resolve(options.cacheDir ?? defaultCacheDir());
  const original = quantizedOf(name);
  if (original !== undefined) return locateQuantized(original, cacheDir);
  const entry = manifest.get(name);
  if (entry === undefined) throw unknownModel(name, manifest);
  const onnxPath = isConverted(entry)
    ? await convertOnce(entry, cacheDir, options.form ?? 'plain')
    : await locateFile(entry, entry.weights, cacheDir);
  return { name, path: onnxPath, sha256: entry.weights.sha256 };
}

/** Path of a published file after a look at its content. */
async function locateFile(entry: ModelEntry, file: ModelFile, cacheDir: string): Promise<string> {
  if ('npmPackage' in file.origin) {
    return verifiedCarriedPath(file, file.origin);
  }
  const found = await findStored(file, cacheDir).catch((error: unknown) => {
    throw AvdError.from(error);
  });
  if (found.state === 'missing') throw notPulled(entry, cacheDir);
  if (found.state === 'wrong') throw wrongFile(entry, found.path, cacheDir);
  return found.path;
}

/** Conversions under way in this process: of a large network one at a time is enough. */
const running = new Map<string, Promise<string>>();

async function convertOnce(
  entry: ConvertedEntry,
  cacheDir: string,
  wanted: GraphForm,
): Promise<string> {
  const form = formsOf(entry).includes(wanted) ? wanted : 'plain';
  const key = `${entry.name} ${form} ${entry.weights.sha256} ${cacheDir}`;
  let conversion = running.get(key);
  if (conversion === undefined) {
    conversion = findOrConvert(entry, cacheDir, form).finally(() => running.delete(key));
    running.set(key, conversion);
  }
  return conversion;
}

async function findOrConvert(
  entry: ConvertedEntry,
  cacheDir: string,
  form: GraphForm,
): Promise<string> {
  const { conversion } = entry;
  const converted = await findConverted(entry, cacheDir, form);
  if (converted !== undefined) return converted;
  if (conversion.from === 'tfjs') {
    return keepConverted(entry, cacheDir, await convertGraphModel(entry, conversion, cacheDir));
  }
  const checkpointPath = await locateFile(entry, entry.weights, cacheDir);
  return convertCheckpoint({ entry, checkpointPath, cacheDir, form });
}

async function convertGraphModel(
  entry: ModelEntry,
  { graph, options, onnxSha256 }: Extract<ModelConversion, { from: 'tfjs' }>,
  cacheDir: string,
): Promise<Uint8Array> {
  const read = async (file: ModelFile): Promise<Uint8Array> =>
    readFile(await locateFile(entry, file, cacheDir));
  const model = parseGraphModel(await read(graph), await read(entry.weights));
  // Both steps take tens of milliseconds for the largest model: let other work in between them.
  await setImmediate();
  const onnx = graphModelToOnnx(model, options);
  if (sha256Of(onnx) !== onnxSha256) {
    throw new AvdError(
      'internal',
      'MODEL_CONVERSION_CHANGED',
      `The conversion of model ${entry.name} gave another file than expected.`,
      { details: { model: entry.name, sha256: sha256Of(onnx) } },
    );
  }
  return onnx;
}
