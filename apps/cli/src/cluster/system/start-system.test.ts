import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { natsServerPath } from '@avd/messaging';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeSystem, isRunning, until, type FakeSystem } from '../testing/fake-system.js';
import { startSystem } from './start-system.js';
import type { RunningSystem, StartSystemOptions, SystemEvent } from './system-types.js';

const hasNats = natsServerPath() !== undefined;
const timings = { probeIntervalMs: 100, probeTimeoutMs: 3000, quickDeathMs: 0, leaveMs: 0 };

let fakes: FakeSystem;
let running: RunningSystem | undefined;
beforeEach(async () => {
  fakes = await fakeSystem('orchestrator', 'vad');
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await fakes[Symbol.asyncDispose]();
});

const events: SystemEvent[] = [];
async function start(options: Partial<StartSystemOptions> = {}): Promise<RunningSystem> {
  events.length = 0;
  running = await startSystem({
    dataDir: path.join(fakes.dir, 'data'),
    services: fakes.services,
    env: fakes.env,
    graceSec: 10,
    timings,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return running;
}

const one = (system: RunningSystem, name: string) =>
  system.processes.find((each) => each.name === name)!;
/** NATS is not needed by the fakes; an address at which nobody listens will do. */
const noNats = { natsUrl: 'nats://127.0.0.1:1' };

describe('a system', () => {
  it('is ready when every service is, replicas numbered, each with a port of its own', async () => {
    const system = await start({ ...noNats, replicas: { vad: 2 } });
    expect(system.processes.map(({ name }) => name)).toEqual(['orchestrator', 'vad-1', 'vad-2']);
    const addresses = system.processes.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(3);
    expect(system.server).toBe(addresses[0]);
    expect(system.httpUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d{4,5}$/);
    expect(system.processes.every(({ isReady, pid }) => isReady && isRunning(pid!))).toBe(true);
  });

  it('writes a log of each service and passes warnings on', async () => {
    const system = await start(noNats);
    await system.stop();
    expect(await readFile(one(system, 'vad').logPath, 'utf8')).toContain('"message":"ready"');
    expect(events).toContainEqual({
      ...{ type: 'log', process: 'vad', severity: 'warn' },
      text: 'warn: a warning jobs=2',
    });
  });

  it('starts a service that died again, at the same address', async () => {
    const system = await start(noNats);
    const vad = one(system, 'vad');
    const before = { pid: vad.pid!, address: vad.address };
    process.kill(before.pid, 'SIGKILL');
    await until(() => vad.restarts === 1);
    await vad.whenReady();
    expect(vad.pid).not.toBe(before.pid);
    expect(vad.address).toBe(before.address);
    expect(events).toContainEqual({
      ...{ type: 'restart', process: 'vad' },
      sentence: expect.stringMatching(
        /^vad ended by SIGKILL after \d+\.\d s; starting it again\.$/,
      ) as string,
    });
    vad.kill();
    await vad.whenReady();
    expect(vad.restarts).toBe(2);
    expect(one(system, 'orchestrator').restarts).toBe(0);
  });

  it('kills a service that hangs, and starts it again', async () => {
    const system = await start({ ...noNats, timings: { ...timings, probeTimeoutMs: 500 } });
    const vad = one(system, 'vad');
    const { pid } = vad;
    process.kill(pid!, 'SIGSTOP');
    await until(() => vad.restarts > 0);
    await vad.whenReady();
    expect(isRunning(pid!)).toBe(false);
    expect(events).toContainEqual({
      ...{ type: 'restart', process: 'vad' },
      sentence: expect.stringContaining('gave no answer 3 times in a row and was killed') as string,
    });
  });

  it('gives up on a service that dies at every start: with its last words, and nothing left behind', async () => {
    const failing = start({
      ...noNats,
      env: { ...fakes.env, FAKE_BROKEN: 'vad' },
      timings: { ...timings, backoffMs: 1 },
    });
    await expect(failing).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'SERVICE_KEEPS_DYING' },
      message: expect.stringMatching(
        /^vad ended with code 2, 5 times in a row right after its start; the end of .*vad\.log:\n {2}vad: AVD_NATS_URL is not set\./,
      ) as string,
    });
    const ready = fakes.events().filter((line) => line.endsWith('ready'));
    const left = fakes.events().filter((line) => line.includes('left'));
    expect(left).toHaveLength(ready.length);
  });

  it('kills a service that does not want to leave', async () => {
    const system = await start({
      ...noNats,
      env: { ...fakes.env, FAKE_STUBBORN: 'vad' },
      graceSec: 0.2,
    });
    const pids = system.processes.map(({ pid }) => pid!);
    await system.stop();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(fakes.events()).toContain('vad stays');
  });

  it('lets a service that was asked to end take its time, though it answers nobody', async () => {
    const system = await start({ ...noNats, env: { ...fakes.env, FAKE_SLOW: 'vad' } });
    const vad = one(system, 'vad');
    vad.kill('SIGTERM');
    await until(() => vad.restarts > 0);
    await vad.whenReady();
    expect(fakes.events()).toContain('vad left, nats gone');
    await system.stop();
    expect(fakes.events().filter((line) => line === 'vad left, nats gone')).toHaveLength(2);
  });

  it('keeps its data folder to itself until it is stopped', async () => {
    const system = await start(noNats);
    const second = startSystem({ dataDir: system.dataDir, services: fakes.services, ...noNats });
    await expect(second).rejects.toMatchObject({ reason: 'DATA_IN_USE' });
    await system.stop();
    await start(noNats);
  });

  it('says that a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(start({ ...noNats, port })).rejects.toMatchObject({
      reason: 'PORT_TAKEN',
      message: expect.stringContaining(`Port ${port} is taken`) as string,
    });
    other.close();
  });

  it('can be stopped while it starts', async () => {
    const failing = start({ ...noNats, signal: AbortSignal.abort() });
    await expect(failing).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

// Needs nats-server (Debian package of the same name).
describe.skipIf(!hasNats)('a system with NATS', () => {
  it('stops the services first, while NATS still answers', async () => {
    const system = await start();
    const pids = system.processes.map(({ pid }) => pid!);
    await system.stop();
    const left = fakes.events().filter((line) => line.includes('left'));
    expect(left.sort()).toEqual(['orchestrator', 'vad'].map((name) => `${name} left, nats ready`));
    expect(pids.filter(isRunning)).toEqual([]);
  });

  it('starts NATS again at its address', async () => {
    const system = await start();
    const nats = one(system, 'nats');
    const { address } = nats;
    nats.kill();
    await nats.whenReady();
    expect(nats).toMatchObject({ restarts: 1, address });
    expect(system.natsUrl).toBe(`nats://${address}`);
  });

  it('leaves no process behind when its starter is killed, not even one that hangs', async () => {
    const script = fileURLToPath(
      new URL('../../../dist/cluster/testing/run-fake-system.js', import.meta.url),
    );
    const dataDir = path.join(fakes.dir, 'data');
    const args = [script, dataDir, JSON.stringify(fakes.services), JSON.stringify(fakes.env)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(3);
    process.kill(pids.at(-1)!, 'SIGSTOP');
    child.kill('SIGKILL');
    await until(() => !pids.some(isRunning));
    // The folder is free again.
    await start(noNats);
  });
});
