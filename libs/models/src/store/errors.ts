import path from 'node:path';
import { AvdError } from '@avd/domain';
import { defaultCacheDir } from '../cache-dir.js';
import type { ModelEntry, ModelFile, UrlFile } from '../manifest.js';
import type { Mirror } from './mirror.js';

/** A network is needed whose file was never downloaded. */
export function notPulled(entry: ModelEntry, dir: string): AvdError {
  const message = `The model ${entry.name} is not on this computer yet; run: ${pullCommandFor(entry, dir)}`;
  return new AvdError('precondition', 'MODEL_NOT_PULLED', message, {
    details: { model: entry.name, file: path.join(dir, entry.weights.name) },
  });
}

/** Something else lies where a model file should be. */
export function wrongFile(entry: ModelEntry, filePath: string, dir: string): AvdError {
  return new AvdError(
    'model',
    'MODEL_DAMAGED',
    `The file ${filePath} is damaged or another one than ${entry.name} needs; to replace it run: ${pullCommandFor(entry, dir)}`,
    { details: { model: entry.name, file: filePath } },
  );
}

/** The server does not have the file. */
export function gone(file: UrlFile, url: string, status: number, dir: string): AvdError {
  return failed('notFound', 'MODEL_URL_GONE', file, dir, `${url} is not there (HTTP ${status})`);
}

/** The server does not want to give the file, or cannot. */
export function refused(file: UrlFile, url: string, status: number, dir: string): AvdError {
  const what = `${hostOf(url)} did not give ${file.name} (HTTP ${status})`;
  return failed('unavailable', 'MODEL_SERVER_REFUSED', file, dir, what);
}

/** No connection came about. */
export function unreachable(file: UrlFile, url: string, dir: string, cause: unknown): AvdError {
  const what = `${hostOf(url)} cannot be reached to download ${file.name}`;
  return failed('unavailable', 'MODEL_SERVER_UNREACHABLE', file, dir, what, cause);
}

/** The connection broke again and again. */
export function brokenOff(file: UrlFile, url: string, dir: string, why: string): AvdError {
  const what = `The download of ${file.name} from ${hostOf(url)} broke off (${why}); run the same command again to go on, or`;
  return failed('unavailable', 'MODEL_DOWNLOAD_BROKEN', file, dir, what);
}

/** A server or mirror has another file under the name. */
export function wrongDigest(
  file: UrlFile,
  from: string,
  sha256: string | undefined,
  dir: string,
): AvdError {
  const found = sha256 === undefined ? '' : `: its SHA-256 is ${sha256.slice(0, 16)}…`;
  const what = `${from} is not the published ${file.name}${found}, not ${file.sha256.slice(0, 16)}…`;
  return failed('model', 'MODEL_WRONG_DIGEST', file, dir, what);
}

/** A mirror that is a folder lacks the file. */
export function notInMirror(file: ModelFile, { from }: Mirror): AvdError {
  return new AvdError(
    'notFound',
    'MODEL_NOT_IN_MIRROR',
    `The folder ${from} of AVD_MODEL_MIRROR has no ${file.name}; put the file there, or unset AVD_MODEL_MIRROR to download it.`,
  );
}

/** The disk has no room for a file. */
export function noSpace(dir: string, needBytes: number, freeBytes: number): AvdError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  return new AvdError(
    'resourceExhausted',
    'DISK_FULL',
    `There is not enough space in ${dir} (${megabytes(needBytes)} needed, ${megabytes(freeBytes)} free); free some, or choose another folder with --ckpt-dir.`,
  );
}

/** What to type to fetch models into a folder. @param words profiles or names */
export function pullCommand(words: readonly string[], dir: string): string {
  return `avd models pull ${words.join(' ')}${folderOption(dir)}`;
}

/** How a command is told the folder of the models; empty for the default one. */
export function folderOption(dir: string): string {
  return dir === defaultCacheDir() ? '' : ` --ckpt-dir ${dir}`;
}

/** The profile of a network brings what is needed with it. */
function pullCommandFor({ name, profiles }: ModelEntry, dir: string): string {
  return pullCommand([profiles[0] ?? name], dir);
}

/** Every failure of a download ends with the way around it. */
function failed(
  kind: 'notFound' | 'unavailable' | 'model',
  reason: string,
  file: UrlFile,
  dir: string,
  what: string,
  cause?: unknown,
): AvdError {
  const target = path.join(dir, file.name);
  const joint = what.endsWith(', or') ? '' : ';';
  return new AvdError(
    kind,
    reason,
    `${what}${joint} copy the file of ${file.origin.url} to ${target}, or set AVD_MODEL_MIRROR to a folder or address that has it.`,
    { cause, details: { file: file.name, url: file.origin.url } },
  );
}

function hostOf(url: string): string {
  return new URL(url).host;
}
