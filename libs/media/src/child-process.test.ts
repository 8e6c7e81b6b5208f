import { describe, expect, it } from 'vitest';
import { runForText, startProcess } from './child-process.js';

const never = new AbortController().signal;
/** Writes without end. */
const FLOOD = ['-e', 'const b=Buffer.alloc(65536);(function f(){process.stdout.write(b,f)})()'];

describe('startProcess', () => {
  it('kills the program when it is aborted, even while nobody reads what it writes', async () => {
    const controller = new AbortController();
    const running = startProcess(process.execPath, FLOOD, controller.signal);
    await new Promise((resolve) => running.stdout.once('readable', resolve));
    controller.abort();
    expect((await running.exit).exitCode).toBeNull();
  });

  it('refuses to start when it was aborted before', () => {
    const start = () => startProcess(process.execPath, FLOOD, AbortSignal.abort());
    expect(start).toThrow(expect.objectContaining({ kind: 'cancelled' }) as Error);
  });

  it('keeps the end of what the program complains about', async () => {
    const complain = "process.stderr.write('x'.repeat(9000)+'the end');process.exitCode=3";
    const { exit } = startProcess(process.execPath, ['-e', complain], never);
    const { exitCode, stderrTail } = await exit;
    expect(exitCode).toBe(3);
    expect(stderrTail.endsWith('the end')).toBe(true);
    expect(stderrTail.length).toBeLessThan(9000);
  });

  it('says what to check when the program is not there', async () => {
    const { exit } = startProcess('/nowhere/ffmpeg', [], never);
    await expect(exit).rejects.toMatchObject({ kind: 'precondition', reason: 'FFMPEG_MISSING' });
  });
});

describe('runForText', () => {
  it('returns all of stdout', async () => {
    const { text } = await runForText(
      process.execPath,
      ['-e', "console.log('ä'.repeat(70000))"],
      never,
    );
    expect(text).toBe(`${'ä'.repeat(70_000)}\n`);
  });

  it('throws instead when it is aborted', async () => {
    const controller = new AbortController();
    const running = runForText(process.execPath, FLOOD, controller.signal);
    setImmediate(() => controller.abort());
    await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
  });
});
