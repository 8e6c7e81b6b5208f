import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { duplicateTasks } from '@avd/messaging/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  filesOfOneProcess,
  hasNats,
  isOver,
  makeClip,
  openSystemBench,
  type ResultFiles,
  type SeenJob,
  type SystemBench,
} from './system-bench.js';

const PATIENT = { timeout: 400_000 };
const CHUNK_FRAMES = 25;
/** Steps of each stage: a task of one of them in flight means that the stage has work. */
const STEPS: Readonly<Record<string, readonly string[]>> = {
  'face-track': ['detectFaces', 'linkTracks'],
  syncnet: ['readLips', 'scoreLips'],
  vad: ['detectSpeech'],
  embed: ['embedFaces', 'embedVoices'],
  cluster: ['diarize'],
};

/** Real processes, real faults: each run has to end with the bytes of a run in one process. */
describe.skipIf(!hasNats)('the system under faults (needs nats-server)', PATIENT, () => {
  let bench: SystemBench;
  let input: string;
  let expected: ResultFiles;
  let runCount = 0;
  let killCount = 0;

  beforeAll(async () => {
    bench = await openSystemBench({ env: { AVD_ACK_WAIT_SEC: '3' } });
    input = path.join(bench.dir, 'clip.mp4');
    await makeClip(input, 5, 10);
    expected = await filesOfOneProcess(input, path.join(bench.dir, 'one'));
  }, 300_000);
  afterEach(() => bench.forgetResults());
  afterAll(async () => {
    await bench?.[Symbol.asyncDispose]();
    process.stdout.write(`faults: ${runCount} runs, ${killCount} processes killed or stopped\n`);
  });

  const submit = async (): Promise<string> => {
    const id = `fault-${++runCount}`;
    await bench.submit(id, input, CHUNK_FRAMES);
    return id;
  };
  const expectSameBytes = async (id: string): Promise<void> => {
    expect(await bench.until(id, isOver)).toMatchObject({ state: 'succeeded' });
    await expect.poll(() => bench.filesOf(id), { timeout: 30_000 }).toEqual(expected);
  };
  const processOf = (service: string) =>
    bench.system.processes.find((each) => each.service === service)!;
  const hasWorkFor =
    (steps: readonly string[]) =>
    ({ progress }: SeenJob): boolean =>
      progress.inFlight.some(({ step }) => steps.includes(step));
  const kill = (service: string, signal?: NodeJS.Signals): void => {
    killCount++;
    processOf(service).kill(signal);
  };

  it.each(Object.keys(STEPS))('%s is killed in the middle of a task', async (service) => {
    const id = await submit();
    await bench.until(id, hasWorkFor(STEPS[service]!));
    kill(service);
    await expectSameBytes(id);
  });

  it('the orchestrator is killed in the middle of a job', async () => {
    const id = await submit();
    await bench.until(id, hasWorkFor(STEPS['syncnet']!));
    kill('orchestrator');
    await expectSameBytes(id);
  });

  it('a second orchestrator goes on while the first is dead', async () => {
    await using two = await openSystemBench({
      env: { AVD_ACK_WAIT_SEC: '3' },
      mediaRoots: [bench.dir],
      replicas: { orchestrator: 2 },
      // The dead one stays dead: it must not be what goes on.
      timings: { backoffMs: 300_000, maxBackoffMs: 300_000 },
    });
    await two.submit('two-engines', input, CHUNK_FRAMES);
    await two.until('two-engines', hasWorkFor(STEPS['face-track']!));
    killCount++;
    two.system.processes.find(({ name }) => name === 'orchestrator-2')!.kill();
    expect(await two.until('two-engines', isOver)).toMatchObject({ state: 'succeeded' });
    expect(await two.filesOf('two-engines')).toEqual(expected);
    runCount++;
  });

  it('NATS is killed and started again', async () => {
    const id = await submit();
    await bench.until(id, hasWorkFor(STEPS['face-track']!));
    kill('nats');
    await expectSameBytes(id);
  });

  it('every task is delivered twice', async () => {
    await using copies = await duplicateTasks(bench.system.natsUrl);
    const id = await submit();
    await expectSameBytes(id);
    expect(copies.count()).toBeGreaterThan(20);
  });

  it('a worker hangs', async () => {
    const id = await submit();
    await bench.until(id, hasWorkFor(STEPS['syncnet']!));
    kill('syncnet', 'SIGSTOP');
    await expectSameBytes(id);
  });

  it('one process after the other is killed', async () => {
    const id = await submit();
    const services = [...Object.keys(STEPS), 'orchestrator', 'nats'];
    for (let turn = 0; turn < services.length; turn++) {
      await pause(700);
      const job = await bench.job(id).catch(() => undefined);
      if (job !== undefined && isOver(job)) break;
      kill(services[turn % services.length]!);
    }
    await expectSameBytes(id);
  });

  it('a recording that goes away fails its own job with a reason, and no other', async () => {
    const doomed = path.join(bench.dir, 'doomed.mp4');
    await makeClip(doomed, 20, 10);
    await bench.submit('doomed', doomed, CHUNK_FRAMES);
    const id = await submit();
    await bench.until('doomed', hasWorkFor(['detectFaces']));
    await rm(doomed);
    const failed = await bench.until('doomed', isOver);
    expect(failed).toMatchObject({ state: 'failed', error: { reason: 'MEDIA_NOT_FOUND' } });
    await expectSameBytes(id);
  });

  it('a cancelled job stops all work within 2 s', async () => {
    const id = await submit();
    await bench.until(id, hasWorkFor(STEPS['syncnet']!));
    const startMs = performance.now();
    await bench.client.call('cancelDiarizationJob', {
      name: `diarizationJobs/${id}`,
      requestId: '',
    });
    expect(await bench.until(id, isOver, 2)).toMatchObject({ state: 'cancelled' });
    await bench.untilIdle(2);
    const stopSec = (performance.now() - startMs) / 1000;
    process.stdout.write(`faults: cancelled and idle after ${stopSec.toFixed(2)} s\n`);
    expect(stopSec).toBeLessThan(2);
  });
});
