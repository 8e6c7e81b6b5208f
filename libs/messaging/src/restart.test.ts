import { describe, expect, it } from 'vitest';
import { connectMessaging, natsOf } from './connection.js';
import { consumeEvents, publishEvent } from './events.js';
import { publishProgress, subscribeProgress } from './progress.js';
import { jobStore } from './stores.js';
import { workTasks } from './task-worker.js';
import { publishTask, queueState } from './tasks.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, textOf, until } from './testing/test-bench.js';
import { EVENT_CONSUMER, EVENT_STREAM } from './topology.js';

describe.skipIf(natsServerPath() === undefined)('a restart of NATS (needs nats-server)', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'loses no task in flight, no queued task and no unread event (%s)',
    async (signal) => {
      await using bench = await openBench();
      const { messaging, server } = bench;
      const finish = new Map<string, (() => void)[]>();
      const ended: string[] = [];
      bench.use(
        workTasks(messaging, 'vad', {
          slots: 2,
          onDead: () => bytesOf('dead'),
          handle: async (task) => {
            await new Promise<void>((resolve) => {
              finish.set(task.taskId, [...(finish.get(task.taskId) ?? []), resolve]);
            });
            await publishEvent(messaging, {
              job: task.job,
              stage: 'vad',
              taskId: task.taskId,
              outcome: 'completed',
              payload: task.payload,
              eventId: `${task.taskId}/completed`,
            });
            ended.push(task.taskId);
          },
        }),
      );
      for (const taskId of ['t1', 't2', 't3', 't4']) {
        await publishTask(messaging, {
          stage: 'vad',
          job: 'job1',
          taskId,
          payload: bytesOf(taskId),
        });
      }
      await until(() => finish.size === 2);

      await server.kill(signal);
      await until(() => messaging.status === 'reconnecting');
      // Work ends and more is asked for while NATS is away: both wait for it.
      finish.get('t1')?.forEach((resolve) => resolve());
      const late = publishTask(messaging, {
        stage: 'vad',
        job: 'job1',
        taskId: 't5',
        payload: bytesOf('t5'),
      });
      await server.restart();
      expect((await late).duplicate).toBe(false);
      const seen: string[] = [];
      const release = (): void => [...finish.values()].flat().forEach((resolve) => resolve());
      const releasing = setInterval(release, 10);
      await until(() => new Set(ended).size === 5);
      bench.use(
        consumeEvents(messaging, async (event) => {
          seen.push(textOf(event.payload));
        }),
      );
      await until(() => seen.length === 5);
      await until(async () => {
        const { pending, inFlight } = await queueState(messaging, 'vad');
        return pending + inFlight === 0;
      });
      clearInterval(releasing);
      // A task may have run twice; its event exists once.
      expect(seen.sort()).toEqual(['t1', 't2', 't3', 't4', 't5']);
    },
  );

  it('resumes idle workers, event consumers, watches and progress without help', async () => {
    await using bench = await openBench();
    const { messaging, server } = bench;
    const statuses: string[] = [];
    messaging.onStatus((status) => statuses.push(status));
    const seen: string[] = [];
    bench.use(
      workTasks(messaging, 'vad', {
        slots: 1,
        onDead: () => bytesOf('dead'),
        handle: async (task) => void seen.push(`task ${task.taskId}`),
      }),
    );
    bench.use(
      consumeEvents(messaging, async (event) => {
        seen.push(`event ${event.eventId} ${event.deliveryCount}`);
      }),
    );
    subscribeProgress(messaging, 'job1', (payload) => seen.push(`progress ${textOf(payload)}`));
    const jobs = jobStore(messaging);
    const revision = await jobs.create('job1', bytesOf('queued'));
    const ending = new AbortController();
    const watching = (async () => {
      for await (const { value } of jobs.watch('job1', { signal: ending.signal })) {
        seen.push(`job ${textOf(value)}`);
      }
    })();
    await until(() => seen.includes('job queued'));
    await until(async () => (await queueState(messaging, 'vad')).waitingPulls === 1);

    const startMs = performance.now();
    await server.restart('SIGKILL');
    await jobs.update('job1', bytesOf('running'), revision);
    await publishTask(messaging, { stage: 'vad', job: 'job1', taskId: 't1', payload: bytesOf('') });
    await publishEvent(messaging, {
      job: 'job1',
      stage: 'vad',
      taskId: 't1',
      outcome: 'failed',
      payload: bytesOf(''),
      eventId: 'e1',
    });
    publishProgress(messaging, 'job1', bytesOf('50 %'));
    await until(() => seen.length >= 5);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(seen.sort()).toEqual([
      'event e1 1',
      'job queued',
      'job running',
      'progress 50 %',
      'task t1',
    ]);
    expect(statuses.slice(0, 2)).toEqual(['reconnecting', 'connected']);
    // Nothing has been asked for twice.
    await until(async () => {
      const info = await natsOf(messaging).jsm.consumers.info(EVENT_STREAM, EVENT_CONSUMER);
      return info.num_waiting === 16;
    });
    expect((await queueState(messaging, 'vad')).waitingPulls).toBe(1);
    ending.abort();
    await watching;
  });

  it('fails a publish with a clear error when NATS stays away beyond its deadline', async () => {
    await using bench = await openBench();
    await bench.server.kill('SIGKILL');
    const task = { stage: 'vad', job: 'job1', taskId: 't1', payload: bytesOf('') } as const;
    await expect(publishTask(bench.messaging, { ...task, deadlineSec: 0.5 })).rejects.toMatchObject(
      { kind: 'unavailable', reason: 'NATS_UNAVAILABLE' },
    );
    await bench.messaging.close();
    expect(bench.messaging.status).toBe('closed');
  });

  it('says that the streams are missing when NATS is there without them', async () => {
    await using bench = await openBench();
    await natsOf(bench.messaging).jsm.streams.delete('AVD_TASKS');
    const task = { stage: 'vad', job: 'job1', taskId: 't1', payload: bytesOf('') } as const;
    await expect(publishTask(bench.messaging, { ...task, deadlineSec: 0.5 })).rejects.toThrow(
      'check that the orchestrator has started',
    );
    await expect(queueState(bench.messaging, 'vad')).rejects.toMatchObject({
      reason: 'TOPOLOGY_MISSING',
    });
  });

  it('says which server it cannot reach, without the password', async () => {
    await using bench = await openBench();
    await bench.server.kill();
    const options = { urls: [bench.server.url.replace('//', '//me:secret@')], name: 'avd-test' };
    const failure = connectMessaging({ ...options, connectTimeoutSec: 0.2 });
    await expect(failure).rejects.toThrow(`Cannot connect to ${bench.server.url}: NATS does not`);
  });
});
