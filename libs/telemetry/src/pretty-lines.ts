interface Line extends Record<string, unknown> {
  readonly level: string;
  readonly time: string;
  readonly service: string;
  readonly message: string;
}

/**
 * Turns lines of JSON into lines for a person: `10:20:30.456 INFO  avd-vad  task done  numTurns=4`;
 * stacks follow on lines of their own.
 */
export function prettyLines(to: { write(line: string): void }): { write(line: string): void } {
  return { write: (line) => to.write(prettyLine(JSON.parse(line) as Line)) };
}

/** Fields at the start of the line, and those that only machines need. */
const NOT_LISTED = new Set(['level', 'time', 'service', 'message', 'span_id', 'trace_flags']);

function prettyLine(line: Line): string {
  const stacks: string[] = [];
  const fields = Object.entries(line).filter(([key]) => !NOT_LISTED.has(key));
  const texts = fields.map(([key, value]) => {
    const { stack, ...other } = value instanceof Object ? (value as { stack?: unknown }) : {};
    if (typeof stack === 'string') stacks.push(`${stack}\n`);
    const shown = typeof stack === 'string' ? other : value;
    return `${key}=${typeof shown === 'string' ? shown : JSON.stringify(shown)}`;
  });
  const head = `${line.time.slice(11, 23)} ${line.level.toUpperCase().padEnd(5)} ${line.service}`;
  return `${[head, line.message, texts.join(' ')].filter(Boolean).join('  ')}\n${stacks.join('')}`;
}
