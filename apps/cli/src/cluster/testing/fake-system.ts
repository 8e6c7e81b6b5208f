import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SystemService } from '../system/services.js';

const FAKE_SERVICE = new URL('../../../dist/cluster/testing/fake-service.js', import.meta.url).href;

/** A folder for a system of fake services, and what they did. */
export interface FakeSystem extends AsyncDisposable {
  readonly dir: string;
  readonly services: readonly SystemService[];
  /** For `StartSystemOptions.env`. */
  readonly env: Readonly<Record<string, string>>;
  /** Lines `NAME what`, in the order in which they happened. */
  events(): string[];
}

export async function fakeSystem(...names: readonly string[]): Promise<FakeSystem> {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-system-'));
  const eventsFile = path.join(dir, 'events');
  await writeFile(eventsFile, '');
  const services = await Promise.all(
    names.map(async (name): Promise<SystemService> => {
      const entry = path.join(dir, `${name}.mjs`);
      await writeFile(
        entry,
        `process.env.FAKE_NAME = '${name}';\nawait import('${FAKE_SERVICE}');\n`,
      );
      return {
        ...{ name, entry, slots: 1, kind: name === 'orchestrator' ? name : 'stage' },
        healthName: 'avdiarization.stage.v1.StageInfoService',
      };
    }),
  );
  return {
    ...{ dir, services, env: { FAKE_EVENTS: eventsFile } },
    events: () =>
      readFileSync(eventsFile, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** Polls until the condition holds. @throws after the deadline */
export async function until(condition: () => boolean, limitMs = 20_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error('The awaited condition did not come true.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether a process runs; one that has ended and waits for its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return process.platform !== 'linux';
  }
}
