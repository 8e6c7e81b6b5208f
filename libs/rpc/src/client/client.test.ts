import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startEcho } from '../testing/echo-server.js';
import { echoDefinition } from '../testing/echo-service.js';
import { parseServerAddress } from './address.js';
import { createRpcClient } from './client.js';

/** An address at which nobody listens: a port that was free a moment ago. */
async function freeAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return `127.0.0.1:${String(bound.port)}`;
}

describe('a client', () => {
  it('says in one sentence that nobody answers', async () => {
    const address = await freeAddress();
    const client = await createRpcClient({ service: echoDefinition }, address);
    const expected = {
      kind: 'unavailable',
      reason: 'SERVER_UNAVAILABLE',
      message: `No avd server answers at ${address}; start one with \`avd up\`, or give the address of one that runs.`,
    };
    await expect(client.ready({ deadlineSec: 0.2 })).rejects.toMatchObject(expected);
    await expect(client.call('say', { text: '' })).rejects.toMatchObject(expected);
    client.close();
  });

  it('is ready once a server answers', async () => {
    const echo = await startEcho();
    await echo.client.ready();
    expect(await echo.client.call('say', { text: 'x' })).toEqual({ text: 'x' });
    await echo.close();
  });

  it('finds a server by name', async () => {
    const echo = await startEcho({}, { address: 'localhost:0' });
    await using client = await createRpcClient(
      { service: echoDefinition },
      `dns:///localhost:${String(echo.server.port)}`,
    );
    expect(await client.call('say', { text: 'x' })).toEqual({ text: 'x' });
    await echo.close();
  });

  it('does nothing once its signal has aborted', async () => {
    const echo = await startEcho();
    const signal = AbortSignal.abort();
    const cancelled = { kind: 'cancelled', reason: 'CANCELLED' };
    await expect(echo.client.ready({ signal })).rejects.toMatchObject(cancelled);
    await expect(echo.client.call('say', { text: '' }, { signal })).rejects.toMatchObject(
      cancelled,
    );
    await expect(echo.client.stream('list', { text: '' }, { signal }).next()).rejects.toMatchObject(
      cancelled,
    );
    await expect(echo.client.upload('collect', [{ text: '' }], { signal })).rejects.toMatchObject(
      cancelled,
    );
    await echo.close();
  });
});

describe('an address', () => {
  it.each([
    ['host:50051', 'dns:///host:50051', 'host', 50051],
    ['dns:///avd-vad.avd.svc:50051', 'dns:///avd-vad.avd.svc:50051', 'avd-vad.avd.svc', 50051],
    ['[::1]:50051', 'dns:///[::1]:50051', '::1', 50051],
  ])('%s is understood', (address, target, host, port) => {
    expect(parseServerAddress(address)).toMatchObject({ target, host, port });
  });

  it('of a socket file has no port', () => {
    expect(parseServerAddress('unix:/run/avd.sock')).toEqual({
      target: 'unix:/run/avd.sock',
      text: '/run/avd.sock',
      host: '/run/avd.sock',
    });
  });
});
