import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findGrpcurl } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEcho, type EchoPair } from '../testing/echo-server.js';

const grpcurl = findGrpcurl();
if (grpcurl === undefined) {
  console.warn('grpcurl tests skipped: there is no Go toolchain, or grpcurl cannot be installed.');
}

describe.skipIf(grpcurl === undefined)('grpcurl', () => {
  let echo: EchoPair;
  beforeAll(async () => {
    echo = await startEcho();
  });
  afterAll(() => echo.close());
  const run = async (before: string[], after: string[]): Promise<string> => {
    const args = ['-plaintext', ...before, echo.client.address, ...after];
    return (await promisify(execFile)(grpcurl ?? '', args)).stdout;
  };

  it('lists the services', async () => {
    expect((await run([], ['list'])).trim().split('\n')).toEqual([
      'avd.test.v1.EchoService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ]);
  });

  it('describes a service and a message whose types are in other files', async () => {
    expect(await run([], ['describe', 'avd.test.v1.EchoService'])).toContain(
      'rpc List ( .avd.test.v1.Echo ) returns ( stream .avd.test.v1.Echo );',
    );
    expect(await run([], ['describe', 'avd.test.v1.Echo'])).toContain('.google.protobuf.Timestamp');
  });

  it('checks the health', async () => {
    echo.server.setServing('avd.test.v1.EchoService', true);
    const service = JSON.stringify({ service: 'avd.test.v1.EchoService' });
    expect(await run(['-d', service], ['grpc.health.v1.Health/Check'])).toContain('SERVING');
  });
});
