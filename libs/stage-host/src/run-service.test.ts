import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from './testing/until.js';

const fixture = path.resolve(import.meta.dirname, '../dist/testing/fixture-service.js');

interface Run {
  readonly child: ChildProcess;
  stdout: string;
  stderr: string;
  /** Exit code, or the signal that ended it. */
  readonly end: Promise<number | string>;
}

function start(env: Readonly<Record<string, string>>, ...args: readonly string[]): Run {
  const child = spawn(process.execPath, [fixture, ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const end = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const run: Run = { child, stdout: '', stderr: '', end };
  child.stdout.on('data', (bytes: Buffer) => (run.stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (run.stderr += bytes.toString()));
  return run;
}

const whenStarted = (run: Run): Promise<void> => until(() => run.stdout.includes('started'));

describe('runService', () => {
  it('prints every problem of its settings and ends with the code of wrong input', async () => {
    const run = start({ AVD_ROUNDS: 'many' });
    expect(await run.end).toBe(2);
    expect(run.stderr).toContain('AVD_ROUNDS');
    expect(run.stderr).toContain('AVD_NAME');
    expect(run.stderr).not.toContain('    at ');
  });

  it('stops gracefully when it is asked to', async () => {
    const run = start({ AVD_NAME: 'a', AVD_ROUNDS: '3' });
    await whenStarted(run);
    run.child.kill('SIGTERM');
    expect(await run.end).toBe(0);
    expect(run.stdout).toBe('started 3\nstopping\nstopped\n');
  });

  it('ends at once when it is asked again', async () => {
    const run = start({ AVD_NAME: 'slow' });
    await whenStarted(run);
    run.child.kill('SIGINT');
    await until(() => run.stdout.includes('stopping'));
    run.child.kill('SIGINT');
    expect(await run.end).toBe(130);
  });

  it('ends with the reason when it cannot start, whatever was opened before', async () => {
    const run = start({ AVD_NAME: 'broken' });
    expect(await run.end).toBe(9);
    expect(run.stderr).toBe('avd-fixture: NATS cannot be reached.\n');
  });

  it('says what it is configured by', async () => {
    const [help, print] = [start({}, '--help'), start({ AVD_NAME: 'a' }, '--print-config')];
    expect(await help.end).toBe(0);
    expect(help.stdout).toContain('AVD_ROUNDS');
    expect(await print.end).toBe(0);
    expect(print.stdout).toContain('AVD_NAME');
  });
});
