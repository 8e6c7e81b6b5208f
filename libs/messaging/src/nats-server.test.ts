import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launchNatsServer, natsServerPath } from './nats-server.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-nats-test-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('natsServerPath', () => {
  it('takes AVD_NATS_SERVER, then the path, and knows when there is none', async () => {
    const binary = path.join(dir, 'nats-server');
    await writeFile(binary, '', { mode: 0o755 });
    expect(natsServerPath({ AVD_NATS_SERVER: binary })).toBe(binary);
    expect(natsServerPath({ PATH: `/nowhere:${dir}` })).toBe(binary);
    expect(natsServerPath({ AVD_NATS_SERVER: '/nowhere/nats-server', PATH: dir })).toBeUndefined();
  });
});

describe('launchNatsServer', () => {
  it('says when the program cannot be started or ends at once', async () => {
    const failed = { kind: 'precondition', reason: 'NATS_SERVER_FAILED' };
    const missing = launchNatsServer({ binary: '/nowhere/nats-server', storeDir: dir });
    await expect(missing).rejects.toMatchObject(failed);
    const wrong = launchNatsServer({ binary: process.execPath, storeDir: dir });
    await expect(wrong).rejects.toMatchObject(failed);
  });

  it.skipIf(natsServerPath() === undefined)(
    'serves monitoring on the loopback interface and refuses a port that is taken',
    async () => {
      const binary = natsServerPath()!;
      const first = await launchNatsServer({
        binary,
        storeDir: path.join(dir, 'a'),
        monitorPort: -1,
      });
      try {
        const health = await fetch(`${first.monitorUrl}/healthz`);
        expect(await health.json()).toEqual({ status: 'ok' });
        const again = { binary, storeDir: path.join(dir, 'b'), port: first.port };
        await expect(launchNatsServer(again)).rejects.toThrow(`on port ${first.port}`);
      } finally {
        await first.stop();
      }
      await first.exited;
    },
  );
});
