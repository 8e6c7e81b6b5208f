import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelFile } from '../manifest.js';
import { sha256OfFile } from './digest.js';

/** What is known of a model file in a folder. */
export type StoredFile =
  /** The published file. */
  | { readonly state: 'verified'; readonly path: string }
  /** Something else under its name. */
  | { readonly state: 'wrong'; readonly path: string }
  | { readonly state: 'missing' };

/** Where in a folder a model file may lie: under each of its names, there or in a sub-folder called by its SHA-256. */
function placesOf(file: ModelFile, folder: string): readonly string[] {
  const names = [file.name, ...file.otherNames];
  return [folder, path.join(folder, file.sha256)].flatMap((place) =>
    names.map((name) => path.join(place, name)),
  );
}

/** Those of these places where a file lies, whatever is in it. */
export async function existingPaths(file: ModelFile, folder: string): Promise<readonly string[]> {
  const existing: string[] = [];
  for (const candidate of placesOf(file, folder)) {
    if ((await stat(candidate).catch(() => undefined))?.isFile() === true) existing.push(candidate);
  }
  return existing;
}

/** Looks for a model file in a folder; downloaded or put there by hand makes no difference. */
export async function findStored(file: ModelFile, folder: string): Promise<StoredFile> {
  const existing = await existingPaths(file, folder);
  for (const candidate of existing) {
    if (await isPublished(file, candidate)) return { state: 'verified', path: candidate };
  }
  const [wrong] = existing;
  return wrong === undefined ? { state: 'missing' } : { state: 'wrong', path: wrong };
}

/** Whether a file has the size and the SHA-256 the manifest states. */
export async function isPublished(file: ModelFile, filePath: string): Promise<boolean> {
  const { size } = await stat(filePath);
  if (file.sizeBytes !== undefined && size !== file.sizeBytes) return false;
  return (await sha256OfFile(filePath)) === file.sha256;
}
