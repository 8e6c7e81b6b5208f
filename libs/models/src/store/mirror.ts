import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AvdError } from '@avd/domain';
import type { UrlFile } from '../manifest.js';

/** A place that is used instead of the publishers' servers. */
export interface Mirror {
  readonly kind: 'folder' | 'server';
  /** Path of the folder, or address that the name of a file is put behind. */
  readonly from: string;
}

/**
 * The mirror the user chose: a folder, or an http(s) address.
 * @param setting value of the environment variable AVD_MODEL_MIRROR
 * @returns undefined when none was chosen
 * @throws AvdError invalidInput BAD_MIRROR
 */
export function parseMirror(setting: string | undefined): Mirror | undefined {
  if (setting === undefined || setting.trim() === '') return undefined;
  if (/^https?:\/\//i.test(setting)) {
    if (!URL.canParse(setting) || new URL(setting).username !== '') throw badMirror(setting);
    return { kind: 'server', from: setting.endsWith('/') ? setting : `${setting}/` };
  }
  if (/^[a-z][a-z+.-]+:\/\//i.test(setting)) {
    if (!/^file:\/\/\//i.test(setting)) throw badMirror(setting);
    return { kind: 'folder', from: fileURLToPath(setting) };
  }
  return { kind: 'folder', from: path.resolve(setting) };
}

/** Addresses at which a file may be, in the order in which they are tried. */
export function addressesOf(file: UrlFile, mirror: Mirror | undefined): readonly string[] {
  if (mirror === undefined) return [file.origin.url];
  return [`${file.sha256}/${file.name}`, file.name].map((name) => mirror.from + name);
}

function badMirror(setting: string): AvdError {
  const shown = setting.replace(/\/\/[^/@]*@/, '//…@');
  return new AvdError(
    'invalidInput',
    'BAD_MIRROR',
    `AVD_MODEL_MIRROR must be a folder or an http(s) address without a user name, not "${shown}".`,
  );
}
