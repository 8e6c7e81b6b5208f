import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pullReporter } from './pull-progress.js';

function screen(isTTY: boolean): { out: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const out = Object.assign(stream, { isTTY, columns: 90 }) as unknown as NodeJS.WriteStream;
  return { out, text: () => String(stream.read() ?? '') };
}

const progress = (doneBytes: number) =>
  ({ type: 'progress', file: 'a.model', doneBytes, totalBytes: 4_000_000 }) as const;

describe('pullReporter', () => {
  it('writes a line for each quarter where there is no terminal', () => {
    const { out, text } = screen(false);
    const reporter = pullReporter(out);
    for (let done = 0; done <= 4_000_000; done += 100_000) reporter.event(progress(done));
    reporter.event({ type: 'retry', file: 'a.model', why: 'HTTP 503', waitMs: 500 });
    reporter.event({ type: 'done', file: 'a.model', path: '/a.model' });
    reporter.end();
    expect(text().split('\n')).toEqual([
      'a.model: 1.0 MB of 4.0 MB',
      'a.model: 2.0 MB of 4.0 MB',
      'a.model: 3.0 MB of 4.0 MB',
      'a.model: HTTP 503; trying again in 0.5 s',
      'a.model: done, verified',
      '',
    ]);
  });

  it('draws a bar on a terminal and takes it away at the end', () => {
    const { out, text } = screen(true);
    const reporter = pullReporter(out);
    reporter.event(progress(1_000_000));
    expect(text()).toBe(`a.model  ${'█'.repeat(6)}${'░'.repeat(18)}  25 % of 4.0 MB`);
    reporter.event({ type: 'done', file: 'a.model', path: '/a.model' });
    expect(text()).toBe('\r\x1b[2Ka.model: done, verified\n');
    reporter.event({ type: 'progress', file: 'b.model', doneBytes: 2_500_000 });
    expect(text()).toBe('b.model  2.5 MB');
    reporter.end();
    expect(text()).toBe('\r\x1b[2K');
  });
});
