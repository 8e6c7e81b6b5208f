import { badOption } from '../../arguments.js';

/** `key=value` texts as a record. @throws AvdError invalidInput BAD_OPTION */
export function parseLabels(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text): [string, string] => {
      const equals = text.indexOf('=');
      if (equals < 1) throw badOption(`--label must be KEY=VALUE, not "${text}".`);
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
