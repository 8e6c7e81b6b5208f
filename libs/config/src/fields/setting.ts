import { z } from 'zod';

/** One variable of the environment. */
export interface Setting<T> {
  /** For example AVD_NATS_URL. */
  readonly variable: string;
  /** What it is for, in one sentence. */
  readonly description: string;
  readonly unit: string;
  /** Text used where the variable is missing or empty; undefined where there is none. */
  readonly defaultText: string | undefined;
  /** Never shown. */
  readonly secret: boolean;
  /** Reads the text of the variable; issues carry one clear text each. */
  readonly schema: z.ZodType<T, string | undefined>;
  /** The value as text for logs and `--print-config`. */
  format(value: T): string;
}

export interface SettingOptions {
  readonly description: string;
  /** @default '' (no unit) */
  readonly unit?: string;
  /** As it would be written in the environment. Without it (and `optional`) the variable must be set. */
  readonly defaultText?: string;
  /** @default false */
  readonly secret?: boolean;
}

/** Thrown by the reader of a setting when its text is wrong; `message` completes the sentence "AVD_X …", as "must be a number". */
export class WrongText extends Error {}

/** Makes a setting from a reader of its text. */
export function setting<T>(
  variable: string,
  { description, unit = '', defaultText, secret = false }: SettingOptions,
  read: (text: string) => T,
  format: (value: T) => string = String,
): Setting<T> {
  const fromText = z.string({ error: 'is not set' }).transform((text, context): T => {
    try {
      return read(text.trim());
    } catch (error) {
      if (!(error instanceof WrongText)) throw error;
      const found = secret ? '' : `is "${hideUrlPassword(text)}" but `;
      context.addIssue({ code: 'custom', message: `${found}${error.message}` });
      return z.NEVER;
    }
  });
  return {
    variable,
    description,
    unit,
    defaultText,
    secret,
    // The default goes through the reader as well, so that a wrong one cannot hide.
    schema: defaultText === undefined ? fromText : fromText.prefault(defaultText),
    format,
  };
}

/** The same setting, but undefined where the variable is missing or empty. */
export function optional<T>(base: Setting<T>): Setting<T | undefined> {
  return {
    ...base,
    schema: base.schema.optional(),
    format: (value) => (value === undefined ? '' : base.format(value)),
  };
}

/** A URL without user and password. */
export function hideUrlPassword(text: string): string {
  return text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi, '$1[redacted]@');
}
