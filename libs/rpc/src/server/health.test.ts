import { AvdError } from '@avd/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRpcClient, type RpcClient } from '../client/client.js';
import { startEcho, type EchoPair } from '../testing/echo-server.js';
import { healthDefinition, SERVING_STATUS, type HealthResponse } from './health.js';

const SERVICE = 'avd.test.v1.EchoService';

let echo: EchoPair;
let health: RpcClient<typeof healthDefinition>;
beforeEach(async () => {
  echo = await startEcho();
  health = await createRpcClient({ service: healthDefinition }, echo.client.address);
});
afterEach(async () => {
  health.close();
  await echo.close();
});

const check = async (service: string): Promise<number> =>
  (await health.call('check', { service })).status;

describe('health', () => {
  it('serves as a process at once, and as a service when told', async () => {
    expect(await check('')).toBe(SERVING_STATUS.serving);
    expect(await check(SERVICE)).toBe(SERVING_STATUS.notServing);
    echo.server.setServing(SERVICE, true);
    expect(await check(SERVICE)).toBe(SERVING_STATUS.serving);
  });

  it('knows no other names', async () => {
    await expect(check('no.such.Service')).rejects.toMatchObject({ kind: 'notFound' });
    expect(() => echo.server.setServing('no.such.Service', true)).toThrow(AvdError);
    const watch = health.stream('watch', { service: 'no.such.Service' });
    expect(await watch.next()).toEqual({ done: false, value: { status: 3 } });
    await watch.return();
  });

  it('tells watchers each change, and the end before it ends', async () => {
    const watch = health.stream('watch', { service: SERVICE });
    const next = async (): Promise<HealthResponse | undefined> =>
      (await watch.next()).value ?? undefined;
    expect(await next()).toEqual({ status: SERVING_STATUS.notServing });
    echo.server.setServing(SERVICE, true);
    expect(await next()).toEqual({ status: SERVING_STATUS.serving });
    const stopped = echo.server.shutdown(5000);
    expect(await next()).toEqual({ status: SERVING_STATUS.notServing });
    expect(await next()).toBeUndefined();
    await stopped;
  });
});
