import { AvdError } from '@avd/domain';

/** Checked access to the fields of a JSON object; every function throws AvdError MANIFEST_INVALID naming the field. */
export interface Fields {
  readonly has: (key: string) => boolean;
  /** @param what the rule `isAllowed` stands for, in words. @default text that is not empty */
  readonly text: (key: string, isAllowed?: (text: string) => boolean, what?: string) => string;
  readonly sha256: (key: string) => string;
  /** A whole number of at least 0. */
  readonly number: (key: string) => number;
  readonly texts: (key: string) => readonly string[];
  readonly object: (key: string) => Fields;
  /** An object of texts. */
  readonly textMap: (key: string) => Readonly<Record<string, string>>;
  /** An object of objects. */
  readonly objects: (key: string) => readonly (readonly [string, Fields])[];
  /** undefined where the field is absent. */
  readonly optional: <T>(key: string, read: (key: string) => T) => T | undefined;
}

/** @throws AvdError kind `model` reason MANIFEST_INVALID when the text is not a JSON object */
export function parseFields(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text), 'the file');
  } catch (error) {
    if (error instanceof AvdError) throw error;
    throw invalid(`it is not JSON (${(error as Error).message})`);
  }
}

export function invalid(what: string): AvdError {
  return new AvdError('model', 'MANIFEST_INVALID', `The list of models cannot be used: ${what}.`);
}

function fieldsOf(value: unknown, where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${where} is not an object`);
  }
  const values = new Map(Object.entries(value));
  const wrong = (key: string, what: string): AvdError =>
    invalid(`"${key}" of ${where} is not ${what}`);
  const fields: Fields = {
    has: (key) => values.has(key),
    text: (key, isAllowed = Boolean, what = 'text') => {
      const text: unknown = values.get(key);
      if (typeof text !== 'string' || !isAllowed(text)) throw wrong(key, what);
      return text;
    },
    sha256: (key) =>
      fields.text(key, (text) => /^[0-9a-f]{64}$/.test(text), '64 hexadecimal digits'),
    number: (key) => {
      const number: unknown = values.get(key);
      if (!Number.isSafeInteger(number) || Number(number) < 0) throw wrong(key, 'a whole number');
      return Number(number);
    },
    texts: (key) => {
      const list: unknown = values.get(key);
      if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
        throw wrong(key, 'a list of texts');
      }
      return list;
    },
    object: (key) => fieldsOf(values.get(key), `${where}, ${key}`),
    textMap: (key) => {
      const inner = fields.object(key);
      return Object.fromEntries(namesIn(key).map((name) => [name, inner.text(name)]));
    },
    objects: (key) => {
      const inner = fields.object(key);
      return namesIn(key).map((name) => [name, inner.object(name)] as const);
    },
    optional: (key, read) => (values.has(key) ? read(key) : undefined),
  };
  const namesIn = (key: string): string[] => Object.keys(values.get(key) as object);
  return fields;
}
