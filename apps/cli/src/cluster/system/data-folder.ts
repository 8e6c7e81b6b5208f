import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { pause } from '../processes/pause.js';

/** Where a system of this machine keeps its state. */
export interface DataFolder {
  readonly path: string;
  /** Streams and stores of NATS. */
  readonly nats: string;
  /** Results of the stages. */
  readonly blobs: string;
  /** Temporary files, shared by all services. */
  readonly work: string;
  /** Recordings put here can always be read. */
  readonly uploads: string;
  readonly logs: string;
}

/** `$XDG_DATA_HOME/avd`, or the same in the home folder. */
export function defaultDataDir(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const base = env['XDG_DATA_HOME'];
  return path.join(
    base === undefined || base === '' ? path.join(homedir(), '.local', 'share') : base,
    'avd',
  );
}

/** Makes the folders that are missing. */
export async function makeDataFolder(dir: string): Promise<DataFolder> {
  const root = path.resolve(dir);
  const at = (name: string): string => path.join(root, name);
  const folder = {
    ...{ path: root, nats: at('nats'), blobs: at('blobs'), work: at('work') },
    ...{ uploads: at('uploads'), logs: at('logs') },
  };
  for (const each of Object.values(folder)) await mkdir(each, { recursive: true });
  return folder;
}

interface Owner {
  readonly pid: number;
  readonly watchdogPid: number;
}

const TAKE_OVER_LIMIT_MS = 20_000;
const POLL_MS = 50;

/**
 * Marks a data folder as used by this process: two NATS servers on one folder would destroy it. A folder whose owner was
 * killed becomes free when that owner's watchdog has ended what was left.
 * @returns releases the folder
 * @throws AvdError precondition DATA_IN_USE
 */
export async function lockDataFolder(
  dir: string,
  watchdogPid: number,
): Promise<() => Promise<void>> {
  const file = path.join(dir, 'up.lock');
  const owner = await ownerIn(file);
  if (owner !== undefined) {
    if (isAlive(owner.pid)) throw inUse(dir, owner, file);
    const endMs = performance.now() + TAKE_OVER_LIMIT_MS;
    while (isAlive(owner.watchdogPid)) {
      if (performance.now() > endMs) throw inUse(dir, owner, file);
      await pause(POLL_MS);
    }
    await rm(file, { force: true });
  }
  const mine: Owner = { pid: process.pid, watchdogPid };
  await writeFile(file, JSON.stringify(mine), { flag: 'wx' });
  return () => rm(file, { force: true });
}

async function ownerIn(file: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Owner;
  } catch {
    return undefined; // nobody's, or unreadable: then writing it anew fails with the reason
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function inUse(dir: string, { pid }: Owner, file: string): AvdError {
  return new AvdError(
    'precondition',
    'DATA_IN_USE',
    `Process ${pid} already runs a system in ${dir}: stop it, or choose another folder with --data (if ${pid} is no avd, delete ${file}).`,
    { details: { pid: String(pid) } },
  );
}
