import { AvdError } from '@avd/domain';

const SECRET_KEY =
  /passw(or)?d|secret|token|authorization|credential|cookie|seed|jwt|(api|private|access)_?key/i;
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi;
const URL_SIGNATURE = /([?&](?:X-Amz-[A-Za-z-]+|sig|signature|token)=)[^&\s]+/gi;
const MAX_DEPTH = 6;

export const REDACTED = '[redacted]';

/** Hides what a text gives away: user and password of a URL, and the parameters of a signed one. */
export function redactText(text: string): string {
  return text.replace(URL_PASSWORD, `$1${REDACTED}@`).replace(URL_SIGNATURE, `$1${REDACTED}`);
}

/**
 * A copy of log fields for the output: values of keys that sound secret are hidden, so are passwords inside of URLs,
 * and errors become plain data (class, reason, message, stack, cause).
 */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, 0);
}

function redactObject(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      SECRET_KEY.test(key) && value !== undefined ? REDACTED : redactValue(value, depth + 1),
    ]),
  );
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value;
  if (depth > MAX_DEPTH) return '[too deep]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Error) return errorFields(value, depth);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  return redactObject(value, depth);
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const known =
    error instanceof AvdError
      ? { kind: error.kind, reason: error.reason, details: redactObject(error.details, depth) }
      : {};
  return {
    type: error.name,
    ...known,
    message: redactText(error.message),
    stack: error.stack === undefined ? undefined : redactText(error.stack),
    ...(error.cause !== undefined && { cause: redactValue(error.cause, depth + 1) }),
  };
}
