import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { pause } from './delays.js';

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 10_000;
const POLL_MS = 20;

export interface LaunchNatsServerOptions {
  readonly binary: string;
  /** @default a free one */
  readonly port?: number;
  /** Folder of the streams; they are there again at the next start. */
  readonly storeDir: string;
  /** HTTP monitoring on the loopback interface; -1 for a free port. @default none */
  readonly monitorPort?: number;
  /** @default no log */
  readonly logPath?: string;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** E.g. `http://127.0.0.1:8222`, where monitoring was asked for. */
  readonly monitorUrl: string | undefined;
  /** Resolves when the process has ended, however. */
  readonly exited: Promise<void>;
  /** Ends the process and waits for it. @param signal @default SIGTERM, and SIGKILL when that takes long */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/**
 * The nats-server of this machine: AVD_NATS_SERVER, else the one on the path or in the usual folders.
 * @returns undefined when there is none
 */
export function natsServerPath(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const named = env['AVD_NATS_SERVER'];
  if (named !== undefined && named !== '') return isExecutable(named) ? named : undefined;
  const folders = [
    ...(env['PATH'] ?? '').split(path.delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, 'nats-server'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a nats-server with JetStream on the loopback interface and waits until it takes connections.
 * @throws AvdError precondition NATS_SERVER_FAILED when it ends or stays silent
 */
export async function launchNatsServer(options: LaunchNatsServerOptions): Promise<NatsServer> {
  const { binary, storeDir } = options;
  await mkdir(storeDir, { recursive: true });
  const monitor =
    options.monitorPort === undefined ? [] : ['--http_port', String(options.monitorPort)];
  const child = spawn(
    binary,
    [
      ...['--addr', '127.0.0.1', '--port', String(options.port ?? -1)],
      ...['--jetstream', '--store_dir', storeDir, '--ports_file_dir', storeDir],
      ...monitor,
      ...(options.logPath === undefined ? [] : ['--log', options.logPath]),
    ],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (signal?: NodeJS.Signals): Promise<void> => {
    if (!isAlive(child)) return;
    child.kill(signal ?? 'SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(timer);
  };
  const ports = await readyPorts(child, binary, storeDir);
  if (ports === undefined || child.pid === undefined) {
    await stop('SIGKILL');
    const log = options.logPath === undefined ? '' : `; see ${options.logPath}`;
    throw new AvdError(
      'precondition',
      'NATS_SERVER_FAILED',
      `nats-server (${binary}) did not start${options.port === undefined ? '' : ` on port ${options.port}`}${log}.`,
    );
  }
  const url = `nats://127.0.0.1:${ports.port}`;
  return { url, ...ports, pid: child.pid, exited, stop };
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

interface Ports {
  readonly port: number;
  readonly monitorUrl: string | undefined;
}

/** The server writes its ports into a file: no port is guessed, so none can be taken meanwhile. */
async function readyPorts(
  child: ChildProcess,
  binary: string,
  storeDir: string,
): Promise<Ports | undefined> {
  const file = path.join(storeDir, `${path.basename(binary)}_${child.pid}.ports`);
  const endMs = performance.now() + START_LIMIT_MS;
  await pause(0); // a program that cannot be started says so in the next turn
  while (isAlive(child) && performance.now() < endMs) {
    const ports = await portsIn(file);
    if (ports !== undefined && (await answers(ports.port))) {
      await rm(file, { force: true });
      return ports;
    }
    await pause(POLL_MS);
  }
  return undefined;
}

async function portsIn(file: string): Promise<Ports | undefined> {
  try {
    const { nats, monitoring } = JSON.parse(await readFile(file, 'utf8')) as {
      nats?: string[];
      monitoring?: string[];
    };
    const port = Number(nats?.[0]?.split(':').at(-1));
    return Number.isInteger(port) ? { port, monitorUrl: monitoring?.[0] } : undefined;
  } catch {
    return undefined; // not there yet, or half written
  }
}

/** A ready server greets with INFO. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const end = (isReady: boolean): void => {
      socket.destroy();
      resolve(isReady);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}
