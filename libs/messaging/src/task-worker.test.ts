import { AvdError } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import { natsOf } from './connection.js';
import { pause } from './delays.js';
import { pullOne } from './pull.js';
import { isJobCancelled, workTasks } from './task-worker.js';
import type { Task, WorkTasksOptions } from './task-worker.js';
import { broadcastCancel, publishTask, purgeJobTasks, queueState } from './tasks.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, textOf, until } from './testing/test-bench.js';
import { DEAD_STREAM, TASK_STREAM, taskConsumer } from './topology.js';
import type { Messaging } from './connection.js';

const retryable = (): AvdError => new AvdError('unavailable', 'TEST_BUSY', 'Busy.');
const fatal = (): AvdError => new AvdError('invalidInput', 'TEST_WRONG', 'Wrong.');

const base: Omit<WorkTasksOptions, 'handle'> = {
  slots: 1,
  onDead: (task, error) => bytesOf(`dead ${task.taskId} ${(error as AvdError).reason}`),
  retryDelayMs: () => 20,
};

const send = (messaging: Messaging, taskId: string, job = 'job1'): Promise<unknown> =>
  publishTask(messaging, { stage: 'vad', job, taskId, payload: bytesOf(`work of ${taskId}`) });

const isIdle = async (messaging: Messaging): Promise<boolean> => {
  const { pending, inFlight } = await queueState(messaging, 'vad');
  return pending + inFlight === 0;
};

const deadLetters = async (messaging: Messaging): Promise<string[]> => {
  const { jsm } = natsOf(messaging);
  const { state } = await jsm.streams.info(DEAD_STREAM);
  const found: string[] = [];
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage(DEAD_STREAM, { seq });
    if (message === null) continue;
    const source = message.header.get('Avd-Dead-Source');
    found.push(`${message.subject} ${source}: ${textOf(message.data)}`);
  }
  return found;
};

describe.skipIf(natsServerPath() === undefined)('workTasks (needs nats-server)', () => {
  it('hands a task to a worker with its ids and payload, once', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    const first = await publishTask(messaging, {
      stage: 'vad',
      job: 'job1',
      taskId: 'job1/vad/0/1',
      payload: bytesOf('hello'),
    });
    const again = await send(messaging, 'job1/vad/0/1');
    expect(first.duplicate).toBe(false);
    expect(again).toEqual({ sequence: first.sequence, duplicate: true });

    const seen: Task[] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: async (task) => void seen.push(task),
      }),
    );
    await until(async () => seen.length > 0 && (await isIdle(messaging)));
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      stage: 'vad',
      job: 'job1',
      taskId: 'job1/vad/0/1',
      attempt: 1,
      isLastAttempt: false,
    });
    expect(textOf(seen[0]!.payload)).toBe('hello');
    expect(seen[0]!.enqueuedAgoSec).toBeLessThan(10);
  });

  it('refuses a task above 64 KiB and takes one of exactly 64 KiB', async () => {
    await using bench = await openBench();
    const task = {
      stage: 'vad',
      job: 'job1',
      taskId: 'a',
      payload: new Uint8Array(65_537),
    } as const;
    await expect(publishTask(bench.messaging, task)).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'TASK_TOO_LARGE',
    });
    await publishTask(bench.messaging, { ...task, payload: new Uint8Array(65_536) });
    expect((await queueState(bench.messaging, 'vad')).pending).toBe(1);
  });

  it('never runs more tasks than slots and asks for exactly one message per free slot', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    for (let i = 0; i < 50; i++) await send(messaging, `t${i}`);
    let running = 0;
    let most = 0;
    const done = new Set<string>();
    await using worker = workTasks(messaging, 'vad', {
      ...base,
      slots: 4,
      handle: async (task) => {
        most = Math.max(most, ++running);
        const { inFlight } = await queueState(messaging, 'vad');
        // Nothing is fetched ahead: what is in flight is running, or about to be acknowledged.
        expect(inFlight).toBeLessThanOrEqual(4);
        await pause(5);
        running--;
        done.add(task.taskId);
      },
    });
    await until(async () => done.size === 50 && (await isIdle(messaging)));
    expect(most).toBe(4);
    expect(worker.busySlots).toBe(0);
    await until(async () => (await queueState(messaging, 'vad')).waitingPulls === 4);
  });

  it('tries again after a retryable error, and makes a dead letter of the last attempt', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 't1');
    const attempts: [number, boolean][] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        maxAttempts: 3,
        handle: async (task) => {
          attempts.push([task.attempt, task.isLastAttempt]);
          throw retryable();
        },
      }),
    );
    await until(async () => attempts.length >= 3 && (await isIdle(messaging)));
    expect(attempts).toEqual([
      [1, false],
      [2, false],
      [3, true],
    ]);
    expect(await deadLetters(messaging)).toEqual(['avd.v1.dead.vad worker: dead t1 TEST_BUSY']);
    const { state } = await natsOf(messaging).jsm.streams.info(TASK_STREAM);
    expect(state.messages).toBe(0);
  });

  it('makes a dead letter of an error that no repeat can heal, at once', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 't1');
    let runs = 0;
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: async () => {
          runs++;
          throw fatal();
        },
      }),
    );
    await until(async () => runs > 0 && (await isIdle(messaging)));
    expect(runs).toBe(1);
    expect(await deadLetters(messaging)).toEqual(['avd.v1.dead.vad worker: dead t1 TEST_WRONG']);
  });

  it('stops the running tasks of a cancelled job within 2 s and removes its queued ones', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    for (let i = 0; i < 5; i++) await send(messaging, `a${i}`, 'jobA');
    const reasons: unknown[] = [];
    let isStarted = false;
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: (_task, signal) =>
          new Promise((_, reject) => {
            isStarted = true;
            signal.addEventListener('abort', () => {
              reasons.push(signal.reason);
              reject(signal.reason as Error);
            });
          }),
      }),
    );
    await until(() => isStarted);
    const orchestrator = await bench.connect('avd-orchestrator');
    const startMs = performance.now();
    expect(await purgeJobTasks(orchestrator, 'jobA')).toBeGreaterThanOrEqual(4);
    await broadcastCancel(orchestrator, 'jobA');
    await until(async () => reasons.length === 1 && (await isIdle(messaging)));
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(isJobCancelled(reasons[0])).toBe(true);
    expect(await deadLetters(messaging)).toEqual([]);
  });

  it('leaves the tasks of other jobs alone when one is cancelled', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 'b0', 'jobB');
    let signal: AbortSignal | undefined;
    let finish = (): void => undefined;
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: (_task, given) => {
          signal = given;
          return new Promise((resolve) => (finish = resolve));
        },
      }),
    );
    await until(() => signal !== undefined);
    await send(messaging, 'a1', 'jobA');
    await send(messaging, 'b1', 'jobB');
    expect(await purgeJobTasks(messaging, 'jobA')).toBe(1);
    await broadcastCancel(messaging, 'jobA');
    await natsOf(messaging).nc.flush();
    expect(await queueState(messaging, 'vad')).toMatchObject({ pending: 1, inFlight: 1 });
    expect(signal?.aborted).toBe(false);
    const first = signal;
    finish();
    await until(() => signal !== first);
    finish();
    await until(() => isIdle(messaging));
  });

  it('acknowledges the tasks of a cancelled job without starting them', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 'a0', 'jobA');
    await send(messaging, 'b0', 'jobB');
    const seen: string[] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        isCancelled: (job) => job === 'jobA',
        handle: async (task) => void seen.push(task.taskId),
      }),
    );
    await until(async () => seen.length > 0 && (await isIdle(messaging)));
    expect(seen).toEqual(['b0']);
  });

  it('lets running tasks end when it stops, and takes no new one', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 't1');
    let finish = (): void => undefined;
    const seen: string[] = [];
    const worker = workTasks(messaging, 'vad', {
      ...base,
      slots: 2,
      handle: (task) => {
        seen.push(task.taskId);
        return new Promise((resolve) => (finish = resolve));
      },
    });
    await until(() => seen.length === 1);
    const stopped = worker.stop();
    await until(async () => (await queueState(messaging, 'vad')).waitingPulls === 0);
    await send(messaging, 't2');
    finish();
    await stopped;
    expect(seen).toEqual(['t1']);
    expect(await queueState(messaging, 'vad')).toMatchObject({ pending: 1, inFlight: 0 });
  });

  it('hands a task back at once when it does not end in the time of grace', async () => {
    await using bench = await openBench({ ackWaitSec: 30 });
    const { messaging } = bench;
    await send(messaging, 'polite');
    await send(messaging, 'stubborn');
    const seen: string[] = [];
    const worker = workTasks(messaging, 'vad', {
      ...base,
      slots: 2,
      handle: (task, signal) =>
        new Promise((_, reject) => {
          seen.push(task.taskId);
          if (task.taskId === 'polite') {
            signal.addEventListener('abort', () => reject(signal.reason as Error));
          }
        }),
    });
    await until(() => seen.length === 2);
    await worker.stop({ graceMs: 50 });
    const others: [string, number][] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: async (task) => void others.push([task.taskId, task.attempt]),
      }),
    );
    await until(async () => others.length === 2 && (await isIdle(messaging)), 5000);
    expect(others.sort()).toEqual([
      ['polite', 2],
      ['stubborn', 2],
    ]);
  });

  it('keeps a task longer than its ack_wait while it works', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 't1');
    let runs = 0;
    const handle = async (): Promise<void> => {
      runs++;
      await pause(2500);
    };
    bench.use(workTasks(messaging, 'vad', { ...base, handle }));
    bench.use(workTasks(messaging, 'vad', { ...base, handle }));
    await until(async () => runs > 0 && (await isIdle(messaging)));
    expect(runs).toBe(1);
  });

  it('gives the task of a worker that hangs to another one', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    await send(messaging, 't1');
    // A worker whose event loop is stuck: it holds the task and sends no heartbeat.
    const source = { stream: TASK_STREAM, consumer: taskConsumer('vad') };
    const hanging = natsOf(await bench.connect('avd-vad-hanging'));
    const held = await pullOne(hanging, source, new AbortController().signal);
    expect(held?.deliveryCount).toBe(1);
    const seen: number[] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: async (task) => void seen.push(task.attempt),
      }),
    );
    await until(async () => seen.length > 0 && (await isIdle(messaging)));
    expect(seen).toEqual([2]);
  });

  it('gives the task of a worker killed between work and acknowledgement to another one', async () => {
    await using bench = await openBench();
    await send(bench.messaging, 't1');
    const doomed = await bench.connect('avd-vad-doomed');
    const work: string[] = [];
    workTasks(doomed, 'vad', {
      ...base,
      handle: async (task) => {
        work.push(`doomed ${task.attempt}`);
        await natsOf(doomed).nc.close();
      },
    });
    await until(() => work.length === 1);
    bench.use(
      workTasks(bench.messaging, 'vad', {
        ...base,
        handle: async (task) => void work.push(`other ${task.attempt}`),
      }),
    );
    await until(async () => work.length > 1 && (await isIdle(bench.messaging)));
    expect(work).toEqual(['doomed 1', 'other 2']);
  });

  it('starts before its queue exists and begins when it does', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    const { jsm } = natsOf(messaging);
    const { config } = await jsm.consumers.info(TASK_STREAM, taskConsumer('vad'));
    await jsm.consumers.delete(TASK_STREAM, taskConsumer('vad'));
    const seen: string[] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        ...base,
        handle: async (task) => void seen.push(task.taskId),
      }),
    );
    await send(messaging, 't1');
    await jsm.consumers.add(TASK_STREAM, config);
    await until(() => seen.length === 1);
  });
});
