import { afterEach, describe, expect, it } from 'vitest';
import { startEcho, until, type EchoPair } from '../testing/echo-server.js';
import { echoDefinition, echoImage, type Echo } from '../testing/echo-service.js';
import { serverStream, unary } from './handlers.js';
import { startRpcServer } from './server.js';

let echo: EchoPair | undefined;
afterEach(async () => {
  await echo?.close();
  echo = undefined;
});

describe('shutdown', () => {
  it('lets a running stream end, and takes no new call', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    echo = await startEcho({
      list: serverStream(async function* (): AsyncGenerator<Echo> {
        yield { text: 'before' };
        await released;
        yield { text: 'after' };
      }),
    });
    const stream = echo.client.stream('list', { text: '' });
    expect((await stream.next()).value).toEqual({ text: 'before' });
    let isStopped = false;
    const stopped = echo.server.shutdown(30_000).then(() => (isStopped = true));
    await expect(echo.client.call('say', { text: '' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(isStopped).toBe(false);
    release();
    expect((await stream.next()).value).toEqual({ text: 'after' });
    expect((await stream.next()).done).toBe(true);
    await stopped;
  });

  it('aborts what still runs after the grace time, and says so to the client', async () => {
    let reason: unknown;
    let isRunning = false;
    echo = await startEcho({
      say: unary(async (_: Echo, { signal }) => {
        isRunning = true;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reason = signal.reason;
        return { text: 'too late' };
      }),
    });
    const answer = echo.client.call('say', { text: '' }).catch((error: unknown) => error);
    await until(() => isRunning);
    await echo.server.shutdown(10);
    expect(await answer).toMatchObject({ kind: 'unavailable', reason: 'SERVER_STOPPING' });
    expect(reason).toMatchObject({ reason: 'SERVER_STOPPING' });
  });

  it('does not wait for a handler that ignores its signal', async () => {
    let isRunning = false;
    echo = await startEcho({
      say: unary(async () => {
        isRunning = true;
        return new Promise<Echo>(() => undefined);
      }),
    });
    const answer = echo.client.call('say', { text: '' }).catch((error: unknown) => error);
    await until(() => isRunning);
    await echo.server.shutdown(0);
    expect(await answer).toMatchObject({ reason: 'SERVER_STOPPING' });
  });

  it('is done once however often it is asked for, also by disposal', async () => {
    echo = await startEcho();
    await echo.client.ready();
    await Promise.all([echo.server.shutdown(1000), echo.server[Symbol.asyncDispose]()]);
    await expect(echo.client.call('say', { text: '' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});

describe('start', () => {
  it('says that the address is taken', async () => {
    echo = await startEcho();
    await expect(
      startRpcServer({ address: echo.client.address, services: [], descriptorImage: echoImage() }),
    ).rejects.toMatchObject({ kind: 'precondition', reason: 'ADDRESS_IN_USE' });
  });

  it('refuses a service that reflection could not describe', async () => {
    await expect(
      startRpcServer({
        address: '127.0.0.1:0',
        services: [{ definition: echoDefinition, implementation: {} }],
        descriptorImage: new Uint8Array(0),
      }),
    ).rejects.toMatchObject({ kind: 'internal', reason: 'DESCRIPTOR_MISSING' });
  });
});
