import { describe, expect, it } from 'vitest';
import { commonSettings } from './common-settings.js';
import { describeConfig } from './describe-config.js';
import { orchestratorSettings } from './orchestrator-settings.js';
import { parseConfig, type Env } from './parse-config.js';
import { workerSettings } from './worker-settings.js';

describe('the settings of the services', () => {
  it('need no variable at all', () => {
    expect(parseConfig(workerSettings, {}).settings).toMatchObject({
      natsUrl: 'nats://127.0.0.1:4222',
      natsReplicas: 1,
      blobStore: 'nats-obj://avd_blobs',
      grpcAddress: { host: '0.0.0.0', port: 50051 },
      mediaRoots: [],
      mediaAllowPrivate: false,
      shutdownGraceSec: 60,
      ackWaitSec: 30,
      maxAttempts: 5,
      taskTimeoutSec: 900,
      slots: 1,
      threads: 0,
      executionProviders: ['cpu'],
    });
    expect(parseConfig(orchestratorSettings, {}).settings).toMatchObject({
      httpAddress: { host: '0.0.0.0', port: 8080 },
      chunkFrames: 1500,
      maxUploadBytes: 8 * 2 ** 30,
      jobTtlSec: 7 * 24 * 3600,
    });
  });

  it.each([
    [{ AVD_TLS_CERT_FILE: 'c' }, 'AVD_TLS_KEY_FILE is not set'],
    [{ AVD_TLS_KEY_FILE: 'k' }, 'AVD_TLS_CERT_FILE is not set'],
    [{ AVD_TLS_CA_FILE: 'a' }, 'AVD_TLS_CERT_FILE is not set, but AVD_TLS_CA_FILE is'],
  ])('refuse half of a TLS set-up: %j', (env: Env, problem) => {
    expect(() => parseConfig(workerSettings, env)).toThrow(problem);
  });

  it('accept a whole TLS set-up', () => {
    const env = {
      AVD_TLS_CERT_FILE: 'c',
      AVD_TLS_KEY_FILE: 'k',
      AVD_TLS_CA_FILE: 'a',
    };
    expect(parseConfig(orchestratorSettings, env).settings.tlsCaFile).toMatch(/a$/);
  });

  it('say in their table what each is for, in one sentence, with units in the names', () => {
    for (const { fields } of [commonSettings, workerSettings, orchestratorSettings]) {
      for (const [name, { variable, description, unit }] of Object.entries(fields)) {
        expect(description, variable).toMatch(/^[A-Z`].*\.$/);
        expect(variable.endsWith('_SEC'), variable).toBe(unit === 's');
        expect(name.endsWith('Sec'), name).toBe(unit === 's');
      }
    }
    expect(describeConfig(workerSettings)).toContain('AVD_EXECUTION_PROVIDERS');
  });
});
