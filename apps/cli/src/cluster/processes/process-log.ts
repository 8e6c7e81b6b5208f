import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export type LogSeverity = 'info' | 'warn' | 'error';

/** Log file of one supervised process, over all its lives. */
export interface ProcessLog {
  readonly path: string;
  /** The last lines, oldest first. */
  readonly lastLines: readonly string[];
  /** Takes lines until the stream ends. */
  follow(stream: Readable, isStandardError: boolean): void;
  close(): Promise<void>;
}

const KEPT_LINES = 12;

/**
 * Writes what a process says into a file, which is begun anew.
 * @param onLine gets warnings and errors in the form for people; lines on standard error that are no JSON are warnings
 */
export function openProcessLog(
  path: string,
  onLine: (severity: LogSeverity, text: string) => void,
): ProcessLog {
  const file = createWriteStream(path, { flags: 'w' });
  let isOpen = true;
  // A full disk must not end the system: the lines are lost, the work goes on.
  file.on('error', () => (isOpen = false));
  const lastLines: string[] = [];
  return {
    path,
    lastLines,
    follow(stream, isStandardError) {
      stream.on('error', () => undefined);
      createInterface({ input: stream }).on('line', (line) => {
        if (isOpen) file.write(`${line}\n`);
        const { severity, text } = readLine(line, isStandardError);
        lastLines.push(text);
        if (lastLines.length > KEPT_LINES) lastLines.shift();
        if (severity !== 'info') onLine(severity, text);
      });
    },
    close: () =>
      new Promise((resolve) => {
        if (!isOpen) return resolve();
        isOpen = false;
        file.end(() => resolve());
        return undefined;
      }),
  };
}

/** Fields that say nothing to a person who reads one line. */
const QUIET_FIELDS = new Set(['level', 'time', 'service', 'message', 'trace_flags', 'span_id']);

/** `[123] 2026/01/31 12:00:00.000000 [WRN] text`: nats-server writes everything to standard error. */
const NATS_LINE = /^\[\d+\] \d{4}\/\d\d\/\d\d \S+ \[([A-Z]{3})\]/;
const NATS_SEVERITIES: Readonly<Record<string, LogSeverity>> = {
  ...{ WRN: 'warn', ERR: 'error', FTL: 'error' },
};

function readLine(
  line: string,
  isStandardError: boolean,
): { readonly severity: LogSeverity; readonly text: string } {
  const fields = jsonFields(line);
  if (fields === undefined) {
    const mark = NATS_LINE.exec(line)?.[1];
    if (mark !== undefined) return { severity: NATS_SEVERITIES[mark] ?? 'info', text: line };
    return { severity: isStandardError && line.trim() !== '' ? 'warn' : 'info', text: line };
  }
  const level = String(fields['level']);
  const severity =
    level === 'error' || level === 'fatal' ? 'error' : level === 'warn' ? 'warn' : 'info';
  const facts = Object.entries(fields)
    .filter(([name]) => !QUIET_FIELDS.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return { severity, text: [`${level}: ${String(fields['message'])}`, ...facts].join(' ') };
}

function jsonFields(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
