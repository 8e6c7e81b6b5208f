import { setting, WrongText, type Setting, type SettingOptions } from './setting.js';

export interface NumberOptions extends SettingOptions {
  /** @default 1 */
  readonly min?: number;
  /** @default Number.MAX_SAFE_INTEGER */
  readonly max?: number;
}

const BYTES_IN = { '': 1, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 } as const;

function checkRange(value: number, options: NumberOptions): number {
  const { min = 1, max = Number.MAX_SAFE_INTEGER } = options;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  throw new WrongText(`must be ${range}`);
}

/** A whole number. */
export function integer(variable: string, options: NumberOptions): Setting<number> {
  return setting(variable, options, (text) => {
    if (!/^-?\d+$/.test(text)) throw new WrongText('must be a whole number');
    return checkRange(Number(text), options);
  });
}

/** A duration in seconds; fractions are allowed. */
export function seconds(variable: string, options: NumberOptions): Setting<number> {
  return setting(variable, { unit: 's', ...options }, (text) => {
    if (!/^\d+(\.\d+)?$/.test(text)) throw new WrongText('must be a number of seconds, as 30');
    return checkRange(Number(text), options);
  });
}

/** A number of bytes, plain or with KiB, MiB, GiB or TiB. */
export function bytes(variable: string, options: NumberOptions): Setting<number> {
  return setting(variable, { unit: 'bytes', ...options }, (text) => {
    const [, digits = '', suffix = ''] = /^(\d+) *([KMGT]iB)?$/i.exec(text) ?? [];
    if (digits === '') throw new WrongText('must be a number of bytes, as 1048576 or 4GiB');
    return checkRange(
      Number(digits) * BYTES_IN[suffix.toUpperCase() as keyof typeof BYTES_IN],
      options,
    );
  });
}
