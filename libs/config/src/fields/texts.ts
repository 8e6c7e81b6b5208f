import path from 'node:path';
import { setting, WrongText, type Setting, type SettingOptions } from './setting.js';

/** Any text that is not empty. */
export function text(variable: string, options: SettingOptions): Setting<string> {
  return setting(variable, options, (value) => value);
}

/** A file or folder; the value is absolute (relative ones start at the working directory). */
export function filePath(variable: string, options: SettingOptions): Setting<string> {
  return setting(variable, options, (value) => path.resolve(value));
}

/** `true` or `false`; also 1/0, yes/no, on/off. */
export function boolean(variable: string, options: SettingOptions): Setting<boolean> {
  return setting(variable, options, (value) => {
    const word = value.toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    if (['false', '0', 'no', 'off'].includes(word)) return false;
    throw new WrongText('must be true or false');
  });
}

/** One of a few words. */
export function choice<const T extends string>(
  variable: string,
  choices: readonly T[],
  options: SettingOptions,
): Setting<T> {
  return setting(variable, options, (value) => {
    const found = choices.find((word) => word === value.toLowerCase());
    if (found === undefined) throw new WrongText(`must be one of ${choices.join(', ')}`);
    return found;
  });
}

/** Texts separated by commas; an empty default is an empty list. */
export function list(variable: string, options: SettingOptions): Setting<readonly string[]> {
  return setting(variable, options, splitList, (items) => items.join(','));
}

/** Folders separated by commas; the values are absolute. */
export function pathList(variable: string, options: SettingOptions): Setting<readonly string[]> {
  const read = (value: string): readonly string[] =>
    Object.freeze(splitList(value).map((item) => path.resolve(item)));
  return setting(variable, options, read, (items) => items.join(','));
}

function splitList(value: string): readonly string[] {
  const items = value.split(',').map((item) => item.trim());
  return Object.freeze(items.filter((item) => item !== ''));
}
