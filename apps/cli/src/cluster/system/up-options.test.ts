import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { upCommand } from '../../commands/up.js';
import { runCommand } from '../testing/run-command.js';
import { defaultDataDir } from './data-folder.js';
import { serviceEnvironment } from './environment.js';
import type { SystemService } from './services.js';
import { parseUpOptions } from './up-options.js';

describe('options of avd up', () => {
  it('have usual values', () => {
    expect(parseUpOptions([])).toEqual({
      output: 'person',
      system: { dataDir: defaultDataDir(), port: 50051, replicas: {} },
    });
    expect(defaultDataDir({ XDG_DATA_HOME: '/data' })).toBe('/data/avd');
  });

  it('are all passed on', () => {
    const argv = ['--replicas', 'syncnet=3, vad=2', '--port', '1', '--http_port', '2', '--json'];
    const more = ['--media-root', '/a', '--media-root', '/b', '--threads', '4', '--slots', '5'];
    const urls = ['--blob-store', 's3://b/p', '--nats', 'nats://h:1', '--data', 'd'];
    expect(parseUpOptions([...argv, ...more, ...urls])).toEqual({
      output: 'json',
      system: {
        ...{ replicas: { syncnet: 3, vad: 2 }, port: 1, httpPort: 2, dataDir: 'd' },
        ...{ mediaRoots: ['/a', '/b'], threads: 4, slots: 5 },
        ...{ blobStore: 's3://b/p', natsUrl: 'nats://h:1' },
      },
    });
  });

  it.each([
    [['--replicas', 'sync=3'], /--replicas knows orchestrator, face-track, .*not "sync"/],
    [['--replicas', 'vad=0'], /--replicas vad must be a number from 1 to 64/],
    [['--replicas', 'vad'], /--replicas vad must be a number from 1 to 64/],
    [['--port', '70000'], /--port must be a whole number from 1 to 65535/],
    [['here'], /takes options only/],
  ])('refuse %j in one sentence', async (argv, message) => {
    const { exitCode, stderr } = await runCommand(upCommand, argv);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('are taught in lines that fit', async () => {
    const { stdout } = await runCommand(upCommand, ['--help']);
    expect(stdout).toContain('sudo apt-get install nats-server');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });
});

describe('the environment of a service', () => {
  const service = (kind: SystemService['kind']): SystemService => ({
    ...{ name: 'x', kind, entry: 'x.js', healthName: 'x', slots: 2 },
  });
  const at = (name: string): string => path.join('/data', name);
  const settings = {
    data: {
      ...{ path: '/data', nats: at('nats'), blobs: at('blob s'), work: at('work') },
      ...{ uploads: at('uploads'), logs: at('logs') },
    },
    ...{
      natsUrl: 'nats://h:1',
      mediaRoots: ['/a', '/b'],
      graceSec: 5,
      env: { AVD_ACK_WAIT_SEC: '3' },
    },
  };
  const inherited = {
    ...{ PATH: '/bin', OTEL_TRACES_EXPORTER: 'otlp', AVD_MODEL_DIR: '/m', AVD_THREADS: '7' },
    ...{ AVD_SERVER: 'b:2', AVD_TLS_CERT_FILE: 'client.pem', AVD_CHUNK_FRAMES: '50' },
  };

  it('has what this system decides, and what the service reads of the one around', () => {
    const env = serviceEnvironment(service('stage'), { grpc: 9 }, settings, inherited);
    expect(env).toEqual({
      ...{ PATH: '/bin', OTEL_TRACES_EXPORTER: 'otlp', AVD_MODEL_DIR: '/m', AVD_THREADS: '7' },
      ...{ AVD_SLOTS: '2', AVD_NATS_URL: 'nats://h:1', AVD_GRPC_ADDRESS: '127.0.0.1:9' },
      ...{ AVD_BLOB_STORE: 'file:///data/blob%20s', AVD_WORK_DIR: '/data/work' },
      ...{ AVD_MEDIA_ROOTS: '/a,/b,/data/uploads', AVD_SHUTDOWN_GRACE_SEC: '5' },
      AVD_ACK_WAIT_SEC: '3',
    });
  });

  it('of the orchestrator has its own variables', () => {
    const ports = { grpc: 9, http: 10 };
    const env = serviceEnvironment(service('orchestrator'), ports, settings, inherited);
    expect(env).toMatchObject({ AVD_CHUNK_FRAMES: '50', AVD_HTTP_ADDRESS: '127.0.0.1:10' });
    expect(env).not.toHaveProperty('AVD_THREADS');
  });

  it('has no place for a media root with a comma', () => {
    const odd = { ...settings, mediaRoots: ['/a,b'] };
    expect(() => serviceEnvironment(service('stage'), { grpc: 9 }, odd, {})).toThrow(
      'has a comma in its name',
    );
  });
});
