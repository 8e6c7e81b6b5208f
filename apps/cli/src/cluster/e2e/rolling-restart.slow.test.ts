import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { diarizationV1 } from '@avd/contracts';
import { launchNatsServer, natsServerPath } from '@avd/messaging';
import { expect, it } from 'vitest';
import { followJob } from '../client/follow-job.js';
import { stateName } from '../client/job-state.js';
import type { SupervisedProcess } from '../processes/supervise.js';
import type { SystemEvent } from '../system/system-types.js';
import {
  filesOfOneProcess,
  hasNats,
  isOver,
  makeClip,
  openSystemBench,
  type ResultFiles,
  type SystemBench,
} from './system-bench.js';

/** Everything that the manifests say in seconds goes so much faster here. */
const SPEED_UP = 10;
/** In the order in which a job needs them, with the steps that each is restarted in the middle of. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  vad: ['detectSpeech'],
  'face-track': ['detectFaces', 'linkTracks'],
  embed: ['embedFaces', 'embedVoices'],
  syncnet: ['readLips', 'scoreLips'],
  cluster: ['diarize'],
  orchestrator: ['prepareMedia', 'assembleResult'],
};
const WORK_LIMIT_SEC = 120;
/** From the sample. */
const CLIPS = [
  { startSec: 0, durationSec: 16 },
  { startSec: 12, durationSec: 16 },
  { startSec: 24, durationSec: 16 },
];
const FIRST_CHUNK_FRAMES = 25;

it.skipIf(!hasNats)(
  'a rolling restart of every service during three jobs loses nothing (needs nats-server)',
  { timeout: 1_200_000 },
  async () => {
    const limits = await limitsOfManifests();
    const said: string[] = [];
    const storeDir = await mkdtemp(path.join(tmpdir(), 'avd-rolling-'));
    const nats = await launchNatsServer({ binary: natsServerPath()!, storeDir, monitorPort: -1 });
    try {
      await using bench = await openSystemBench({
        natsUrl: nats.url,
        graceSec: limits.graceSec,
        env: { AVD_ACK_WAIT_SEC: String(limits.ackWaitSec) },
        replicas: Object.fromEntries(Object.keys(STEPS).map((service) => [service, 2])),
        onEvent: (event: SystemEvent) =>
          said.push(
            event.type === 'log' ? `${event.process}: ${event.text}` : `ended: ${event.sentence}`,
          ),
      });
      const jobs = await threeJobs(bench);
      const report: string[] = [];
      for (const each of inOrder(bench.system.processes)) {
        const busySteps = await workFor(each.service, bench, jobs);
        const startMs = performance.now();
        const endSec = await replaced(each, limits.terminationSec);
        const totalSec = (performance.now() - startMs) / 1000;
        report.push(
          `${each.name}: gone after ${endSec.toFixed(2)} s, ready after ${totalSec.toFixed(2)} s, in flight: ${busySteps}`,
        );
      }
      process.stdout.write(`rolling restart of ${report.length}:\n  ${report.join('\n  ')}\n`);

      for (const [id, expected] of jobs.all) {
        expect(await bench.until(id, isOver), id).toMatchObject({ state: 'succeeded' });
        await expect
          .poll(() => bench.filesOf(id), { timeout: 30_000, message: id })
          .toEqual(expected);
      }
      expect(await Promise.all(jobs.watched)).toEqual(jobs.watched.map(() => 'SUCCEEDED'));
      const ends = said.filter((text) => text.startsWith('ended: '));
      expect(ends).toHaveLength(bench.system.processes.length);
      // Asked to end and not killed: each ended by itself.
      for (const end of ends) expect(end).toContain('ended with code 0');
      expect(said.filter((text) => /a task (failed|used up|could not)/.test(text))).toEqual([]);
      expect(await messagesIn(nats.monitorUrl!, 'AVD_DEAD')).toBe(0);
      expect(await messagesIn(nats.monitorUrl!, 'AVD_TASKS')).toBe(0);
      process.stdout.write(`rolling restart: ${jobs.all.size} jobs\n`);
    } finally {
      await nats.stop();
      await rm(storeDir, { recursive: true, force: true });
    }
  },
);

/** Limits of the pods, scaled down. */
async function limitsOfManifests() {
  const base = new URL('../../../../../deploy/k8s/base/', import.meta.url);
  const number = async (file: string, pattern: RegExp): Promise<number> =>
    Number(pattern.exec(await readFile(new URL(file, base), 'utf8'))?.[1]) / SPEED_UP;
  const limits = {
    terminationSec: await number('pod-defaults.yaml', /^ +terminationGracePeriodSeconds: (\d+)$/m),
    graceSec: await number('kustomization.yaml', /AVD_SHUTDOWN_GRACE_SEC=(\d+)/),
    ackWaitSec: await number('kustomization.yaml', /AVD_ACK_WAIT_SEC=(\d+)/),
  };
  expect(limits.terminationSec).toBeGreaterThan(limits.graceSec);
  expect(limits.graceSec).toBeGreaterThanOrEqual(limits.ackWaitSec);
  return limits;
}

/** Three jobs of three clips; where one has ended, another of its clip with chunks of another size takes its place. */
async function threeJobs(bench: SystemBench) {
  const inputs = CLIPS.map((_, i) => path.join(bench.dir, `clip-${i}.mp4`));
  const expected: ResultFiles[] = [];
  for (const [i, input] of inputs.entries()) {
    const { startSec, durationSec } = CLIPS[i]!;
    await makeClip(input, startSec, durationSec);
    expected.push(await filesOfOneProcess(input, path.join(bench.dir, `one-${i}`)));
  }
  const all = new Map<string, ResultFiles>();
  const running: string[] = [];
  const watched: Promise<string>[] = [];
  const start = async (clip: number): Promise<void> => {
    const request = diarizationV1.ListDiarizationJobsRequest.fromPartial({});
    const chunkFrames = FIRST_CHUNK_FRAMES + all.size;
    const id = `clip-${clip}-chunks-${chunkFrames}`;
    // The orchestrator may have come back a moment ago.
    await expect
      .poll(() => bench.client.call('listDiarizationJobs', request).then(() => 'there', String), {
        timeout: 20_000,
      })
      .toBe('there');
    await bench.submit(id, inputs[clip]!, chunkFrames);
    all.set(id, expected[clip]!);
    running[clip] = id;
    watched.push(lastStateSeen(bench, id).catch(String));
  };
  for (const clip of inputs.keys()) await start(clip);
  return {
    ...{ all, running, watched },
    async keepRunning(): Promise<void> {
      for (const [clip, id] of running.entries()) {
        const job = await bench.until(id, () => true);
        if (isOver(job)) await start(clip);
      }
    },
  };
}

/** What somebody sees last who follows the job over the API all the time. */
async function lastStateSeen(bench: SystemBench, id: string): Promise<string> {
  let seen = '';
  const { signal } = new AbortController();
  for await (const job of followJob(bench.client, `diarizationJobs/${id}`, { signal }))
    seen = stateName(job);
  return seen;
}

function inOrder(processes: readonly SupervisedProcess[]): SupervisedProcess[] {
  return Object.keys(STEPS).flatMap((service) =>
    processes.filter((each) => each.service === service),
  );
}

/** Waits until three jobs run and the service has work, where it gets any soon. @returns steps that somebody works on */
async function workFor(
  service: string,
  bench: SystemBench,
  jobs: Awaited<ReturnType<typeof threeJobs>>,
): Promise<string> {
  const endMs = performance.now() + WORK_LIMIT_SEC * 1000;
  for (;;) {
    await jobs.keepRunning();
    const seen = await Promise.all(jobs.running.map((id) => bench.job(id)));
    const steps = new Set(
      seen.flatMap((job) => job?.progress.inFlight.map(({ step }) => step) ?? []),
    );
    if (STEPS[service]!.some((step) => steps.has(step)) || performance.now() > endMs)
      return [...steps].sort().join(' ') || 'nothing';
    await pause(10);
  }
}

/**
 * Ends a process as a pod ends, and waits until the next life can work, as a rolling update does.
 * @returns seconds until it was gone
 */
async function replaced(process: SupervisedProcess, terminationSec: number): Promise<number> {
  const { pid } = process;
  const startMs = performance.now();
  const passedSec = (): number => (performance.now() - startMs) / 1000;
  process.kill('SIGTERM');
  while (process.pid === pid) {
    if (passedSec() > terminationSec) throw new Error(`${process.name} had to be killed.`);
    await pause(10);
  }
  const endSec = passedSec();
  await process.whenReady();
  return endSec;
}

async function messagesIn(monitorUrl: string, stream: string): Promise<number | undefined> {
  const response = await fetch(`${monitorUrl}/jsz?accounts=true&streams=true`);
  const { account_details: accounts } = (await response.json()) as {
    account_details: { stream_detail: { name: string; state: { messages: number } }[] }[];
  };
  const streams = accounts.flatMap((account) => account.stream_detail);
  return streams.find(({ name }) => name === stream)?.state.messages;
}
