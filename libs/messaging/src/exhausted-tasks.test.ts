import { describe, expect, it } from 'vitest';
import { natsOf } from './connection.js';
import type { Messaging } from './connection.js';
import { watchExhausted } from './exhausted-tasks.js';
import type { ExhaustedTask } from './exhausted-tasks.js';
import { pullOne } from './pull.js';
import { workTasks } from './task-worker.js';
import { publishTask, queueState } from './tasks.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, textOf, until } from './testing/test-bench.js';
import { DEAD_STREAM, TASK_STREAM, taskConsumer } from './topology.js';

const source = { stream: TASK_STREAM, consumer: taskConsumer('vad') };

/** Workers that die with the task in their hands, until the server gives up. */
async function useUpDeliveries(messaging: Messaging, deliveries: number): Promise<void> {
  for (let i = 0; i < deliveries; i++) {
    const held = await pullOne(natsOf(messaging), source, new AbortController().signal);
    expect(held?.deliveryCount).toBe(i + 1);
    await held?.settle({ kind: 'nak', delayMs: 0 }, 1000);
  }
}

async function expectOneDeadLetter(messaging: Messaging): Promise<void> {
  const { jsm } = natsOf(messaging);
  await until(async () => (await jsm.streams.info(TASK_STREAM)).state.messages === 0);
  expect((await jsm.streams.info(DEAD_STREAM)).state.messages).toBe(1);
  const letter = await jsm.streams.getMessage(DEAD_STREAM, { seq: 1 });
  expect(textOf(letter!.data)).toBe('poison');
  expect(letter!.header.get('Avd-Dead-Source')).toBe('backstop');
  expect(letter!.header.get('Avd-Attempts')).toBe('3');
}

describe.skipIf(natsServerPath() === undefined)('watchExhausted (needs nats-server)', () => {
  it('ends a task that killed every worker, at the next pull', async () => {
    await using bench = await openBench({ ackWaitSec: 1, maxAttempts: 1 });
    const { messaging } = bench;
    const told: ExhaustedTask[] = [];
    bench.use(watchExhausted(messaging, async (task) => void told.push(task)));
    await publishTask(messaging, {
      stage: 'vad',
      job: 'job1',
      taskId: 't1',
      payload: bytesOf('poison'),
    });
    await useUpDeliveries(messaging, 3);
    bench.use(
      workTasks(messaging, 'vad', {
        slots: 1,
        onDead: () => bytesOf('dead'),
        handle: async () => undefined,
      }),
    );
    await expectOneDeadLetter(messaging);
    expect(told).toEqual([
      { stage: 'vad', job: 'job1', taskId: 't1', payload: told[0]!.payload, deliveries: 3 },
    ]);
  });

  it('ends it as well when nobody heard the advisory, and again when the handler failed', async () => {
    await using bench = await openBench({ ackWaitSec: 1, maxAttempts: 1 });
    const { messaging } = bench;
    await publishTask(messaging, {
      stage: 'vad',
      job: 'job1',
      taskId: 't1',
      payload: bytesOf('poison'),
    });
    await useUpDeliveries(messaging, 3);
    // This pull makes the server give up while nobody listens.
    const asking = new AbortController();
    const asked = pullOne(natsOf(messaging), source, asking.signal);
    await until(async () => (await queueState(messaging, 'vad')).inFlight === 0);
    asking.abort();
    await asked;

    let calls = 0;
    bench.use(
      watchExhausted(
        messaging,
        async () => {
          if (++calls === 1) throw new Error('orchestrator busy');
        },
        { sweepIntervalSec: 0.05 },
      ),
    );
    await expectOneDeadLetter(messaging);
    expect(calls).toBe(2);
  });

  it('leaves tasks alone that are queued, running or waiting for their next attempt', async () => {
    await using bench = await openBench({ ackWaitSec: 30 });
    const { messaging } = bench;
    const told: ExhaustedTask[] = [];
    for (const taskId of ['running', 'waiting', 'queued']) {
      await publishTask(messaging, { stage: 'vad', job: 'j', taskId, payload: bytesOf('') });
    }
    const signal = new AbortController().signal;
    await pullOne(natsOf(messaging), source, signal);
    const second = await pullOne(natsOf(messaging), source, signal);
    await second?.settle({ kind: 'nak', delayMs: 60_000 }, 1000);
    await using watch = watchExhausted(messaging, async (task) => void told.push(task), {
      sweepIntervalSec: 0.01,
    });
    await watch[Symbol.asyncDispose]();
    expect(told).toEqual([]);
    expect((await natsOf(messaging).jsm.streams.info(TASK_STREAM)).state.messages).toBe(3);
  });
});
