import { createRequire } from 'node:module';
import { context, trace } from '@opentelemetry/api';
import type * as Pino from 'pino';
import { prettyLines } from './pretty-lines.js';
import { redactFields } from './redact-fields.js';

// Loaded by the first logger: about 25 ms, which a program that only measures need not pay.
const loadPino = (): typeof Pino => createRequire(import.meta.url)('pino') as typeof Pino;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * What every adapter takes. The message is a fixed text; what varies goes into the fields (an error as `error`).
 * Names of recordings and people go only into fields whose name has a `pii` part.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export interface CreateLoggerOptions {
  /** For example `avd-syncnet`. */
  readonly service: string;
  /** @default 'info' */
  readonly level?: LogLevel;
  /** Lines for a person instead of JSON. @default false */
  readonly pretty?: boolean;
  /** Where each line goes; a line is written before the call returns. @default 'stdout' */
  readonly destination?: 'stdout' | 'stderr' | LogDestination;
}

export interface LogDestination {
  write(line: string): void;
}

/**
 * A logger that writes one JSON object a line: `level` (text), `time` (ISO 8601), `service`, `message`, the fields, and
 * `trace_id`, `span_id`, `trace_flags` inside a span. Secrets are hidden (`redactFields`).
 */
export function createLogger(options: CreateLoggerOptions): Logger {
  const { service, level = 'info', pretty = false, destination = 'stdout' } = options;
  const { pino } = loadPino();
  const stream = openDestination(pino, destination);
  return fromPino(
    pino(
      {
        level,
        base: { service },
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        mixin: traceFields,
      },
      pretty ? prettyLines(stream) : stream,
    ),
  );
}

/** A logger that drops everything: the default of adapters. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};

function openDestination(
  pino: typeof Pino.pino,
  destination: 'stdout' | 'stderr' | LogDestination,
): Pino.DestinationStream {
  if (typeof destination !== 'string') return destination;
  return pino.destination({ dest: destination === 'stdout' ? 1 : 2, sync: true });
}

function traceFields(): object {
  const span = trace.getSpanContext(context.active());
  if (span === undefined) return {};
  const traceFlags = span.traceFlags.toString(16).padStart(2, '0');
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: traceFlags };
}

function fromPino(logger: Pino.Logger): Logger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}): void => {
      if (logger.isLevelEnabled(level)) logger[level](redactFields(fields), message);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => fromPino(logger.child(redactFields(fields))),
  };
}
