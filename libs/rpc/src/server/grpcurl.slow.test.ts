import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEcho, type EchoPair } from '../testing/echo-server.js';

const VERSION = 'v1.9.3';
/** Kept between runs: building it takes a minute. */
const CACHE = join(tmpdir(), `avd-grpcurl-${VERSION}`);
const BUILD_LIMIT_MS = 400_000;

function findGrpcurl(): string | undefined {
  const binary = join(CACHE, 'grpcurl');
  if (existsSync(binary)) return binary;
  mkdirSync(CACHE, { recursive: true });
  try {
    execFileSync('go', ['install', `github.com/fullstorydev/grpcurl/cmd/grpcurl@${VERSION}`], {
      env: { ...process.env, GOBIN: CACHE },
      stdio: 'ignore',
      timeout: BUILD_LIMIT_MS,
    });
    return binary;
  } catch {
    return undefined;
  }
}

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
