import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AvdError } from '@avd/domain';

type OptionTable = NonNullable<ParseArgsConfig['options']>;

export interface ParsedArguments {
  readonly values: Readonly<Record<string, string | boolean | string[] | undefined>>;
  readonly positionals: readonly string[];
}

/**
 * Reads a command line; `--out_dir` and `--out-dir` mean the same.
 * @throws AvdError invalidInput BAD_OPTION in one sentence
 */
export function parseCommandLine(argv: readonly string[], options: OptionTable): ParsedArguments {
  const normalised = argv.map((word) => {
    if (!word.startsWith('--')) return word;
    const equals = word.indexOf('=');
    const end = equals < 0 ? word.length : equals;
    return word.slice(0, end).replaceAll('_', '-') + word.slice(end);
  });
  try {
    const { values, positionals } = parseArgs({
      args: normalised,
      options,
      allowPositionals: true,
    });
    return { values: values as ParsedArguments['values'], positionals };
  } catch (error) {
    const first = (error as Error).message.split('. ')[0]!.replace(/\.$/, '');
    throw badOption(`${first}; see --help.`);
  }
}

export function badOption(message: string): AvdError {
  return new AvdError('invalidInput', 'BAD_OPTION', message);
}

/** One of the allowed words, or undefined when the option is absent. */
export function choice<T extends string>(
  { values }: ParsedArguments,
  name: string,
  allowed: readonly T[],
): T | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (!allowed.includes(value as T)) {
    throw badOption(`--${name} must be one of ${allowed.join(', ')}, not "${String(value)}".`);
  }
  return value as T;
}

/** A whole number in [minimum, maximum], or undefined when the option is absent. */
export function wholeNumber(
  { values }: ParsedArguments,
  name: string,
  minimum: number,
  maximum = Number.MAX_SAFE_INTEGER,
): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(String(value)) ? Number(value) : NaN;
  if (!(number >= minimum && number <= maximum)) {
    const range =
      maximum === Number.MAX_SAFE_INTEGER
        ? `of at least ${minimum}`
        : `from ${minimum} to ${maximum}`;
    throw badOption(`--${name} must be a whole number ${range}, not "${String(value)}".`);
  }
  return number;
}

/** A non-negative decimal number, or undefined when the option is absent. */
export function nonNegativeNumber({ values }: ParsedArguments, name: string): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  const number = Number(value);
  if (value === '' || !(number >= 0 && Number.isFinite(number))) {
    throw badOption(`--${name} must be a number of at least 0, not "${String(value)}".`);
  }
  return number;
}
