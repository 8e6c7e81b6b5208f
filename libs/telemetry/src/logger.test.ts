import { AvdError } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import { createLogger, silentLogger, type CreateLoggerOptions } from './logger.js';
import { REDACTED } from './redact-fields.js';
import { collectTelemetry } from './testing/index.js';
import { withSpan } from './with-span.js';

function collect(options: Partial<CreateLoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ service: 'avd-vad', ...options, destination });
  const entries = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  return { logger, lines, entries };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with the fields of its parents', () => {
    const { logger, entries } = collect();
    logger.child({ jobId: 'j1' }).warn('task failed', { attempt: 2, size: 3n });
    expect(entries()).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        service: 'avd-vad',
        jobId: 'j1',
        attempt: 2,
        size: '3',
        message: 'task failed',
      },
    ]);
  });

  it('writes nothing below its level', () => {
    const { logger, entries } = collect({ level: 'warn' });
    logger.debug('a');
    logger.info('b');
    logger.error('c');
    expect(entries().map(({ message }) => message)).toEqual(['c']);
    const silent = collect({ level: 'silent' });
    silent.logger.error('d');
    silentLogger.child({}).error('e');
    expect(silent.lines).toEqual([]);
  });

  it('adds the ids of the active span', async () => {
    await using telemetry = collectTelemetry();
    const { logger, entries } = collect();
    await withSpan('work', {}, () => logger.info('inside'));
    logger.info('outside');
    const [span] = telemetry.spans();
    expect(entries()[0]).toMatchObject({
      trace_id: span?.traceId,
      span_id: span?.spanId,
      trace_flags: '01',
    });
    expect(entries()[1]).not.toHaveProperty('trace_id');
  });

  it('hides secrets at any depth, in keys and in URLs', () => {
    const { logger, lines, entries } = collect();
    logger.child({ natsPassword: 'hunter2' }).info('connected', {
      url: 'nats://user:hunter2@host:4222',
      s3: { secretAccessKey: 'hunter2', list: ['https://h/x?a=1&X-Amz-Signature=hunter2&b=2'] },
      url2: new URL('https://u:hunter2@host/'),
      buffer: Buffer.from('hunter2'),
      numTokensLeft: undefined,
    });
    expect(lines.join()).not.toContain('hunter2');
    expect(entries()[0]).toMatchObject({
      natsPassword: REDACTED,
      url: `nats://${REDACTED}@host:4222`,
      s3: {
        secretAccessKey: REDACTED,
        list: [`https://h/x?a=1&X-Amz-Signature=${REDACTED}&b=2`],
      },
      buffer: '[7 bytes]',
    });
  });

  it('writes errors with reason, stack and cause, and survives circular fields', () => {
    const { logger, entries } = collect();
    const cause = new Error('refused nats://u:p@host');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    logger.error('no server', {
      error: new AvdError('unavailable', 'NATS_AWAY', 'NATS is away.', { cause }),
      circular,
    });
    expect(entries()[0]?.['error']).toMatchObject({
      type: 'AvdError',
      kind: 'unavailable',
      reason: 'NATS_AWAY',
      message: 'NATS is away.',
      stack: expect.stringContaining('at ') as string,
      cause: { type: 'Error', message: `refused nats://${REDACTED}@host` },
    });
  });

  it('writes lines for a person when asked', () => {
    const { logger, lines } = collect({ pretty: true });
    logger.info('task done', { numTurns: 4, step: 'vad' });
    logger.error('failed', { error: new TypeError('bad') });
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} INFO {2}avd-vad {2}task done {2}numTurns=4 step=vad\n$/,
    );
    expect(lines[1]).toMatch(
      /ERROR avd-vad {2}failed {2}error=\{"type":"TypeError","message":"bad"\}\nTypeError: bad\n +at /,
    );
  });
});
