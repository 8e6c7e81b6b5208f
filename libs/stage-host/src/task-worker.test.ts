import { secToDuration, stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { broadcastCancel, subscribeProgress, type TaskWorker } from '@avd/messaging';
import { natsServerPath } from '@avd/messaging/testing';
import { fromStatus } from '@avd/rpc';
import { describe, expect, it } from 'vitest';
import { startTaskWorker, type TaskHandler, type TaskOutcome } from './task-worker.js';
import { openTaskBench, type TaskBench } from './testing/task-bench.js';
import { until } from './testing/until.js';

const outcome: TaskOutcome = {
  artifact: { uri: '', sha256: 'ab'.repeat(32), sizeBytes: 7, mediaType: 'application/json' },
  execution: stageV1.ExecutionInfo.fromPartial({ reused: true, stageVersion: '2' }),
};

/** Also stops the worker, at once, when the test is over. */
function work(bench: TaskBench, handler: TaskHandler, maxAttempts = 3): AsyncDisposable {
  const worker: TaskWorker = startTaskWorker({
    ...{ messaging: bench.messaging, stage: 'vad', workerName: 'worker-1', maxAttempts },
    ...{ slots: 2, timeoutSec: 60, handlers: { detectSpeech: handler } },
  });
  return { [Symbol.asyncDispose]: () => worker.stop({ graceMs: 0 }) };
}

const whenStopped = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
  );

describe.skipIf(natsServerPath() === undefined)('startTaskWorker (needs nats-server)', () => {
  it('keeps the result of a task under its chunk, then tells of it, then takes it from the queue', async () => {
    await using bench = await openTaskBench();
    const seen: stageV1.StageTask[] = [];
    await using worker = work(bench, async (_request, _session, task) => {
      seen.push(task);
      return outcome;
    });
    void worker;
    const taskId = await bench.send({ index: 4 });
    await until(() => bench.events.length === 1);
    // Whoever hears the event finds the chunk.
    const ref = await bench.chunks.get('job1', 'detectSpeech', 4);
    expect(stageV1.ArtifactRef.decode(ref!)).toEqual(outcome.artifact);
    expect(bench.events[0]).toMatchObject({
      ...{ job: 'job1', taskId, step: 'detectSpeech', index: 4, worker: 'worker-1' },
      outcome: { $case: 'completed', value: outcome },
    });
    await bench.whenIdle();
    expect(seen).toHaveLength(1);
  });

  it('tells again of a task that comes again after it was done', async () => {
    await using bench = await openTaskBench();
    let runs = 0;
    await using worker = work(bench, async () => (runs++, outcome));
    void worker;
    await bench.send({}, 'first');
    await until(() => bench.events.length === 1);
    // As after a crash between event and acknowledgement; each delivery of one message has its own number.
    await bench.send({ taskId: 'job1/detectSpeech/0/2' }, 'second');
    await until(() => bench.events.length === 2);
    await bench.whenIdle();
    expect(runs).toBe(2);
    expect((await bench.chunks.list('job1', 'detectSpeech')).length).toBe(1);
  });

  it('tries a task again that failed for a passing reason', async () => {
    await using bench = await openTaskBench();
    let runs = 0;
    await using worker = work(bench, async () => {
      if (++runs === 1) throw new AvdError('unavailable', 'BLOBS_AWAY', 'Later.');
      return outcome;
    });
    void worker;
    await bench.send();
    await until(() => bench.events.length === 1);
    expect(runs).toBe(2);
    expect(bench.events[0]?.outcome?.$case).toBe('completed');
  });

  it('tells of a task that no repeat can heal, with its reason, and keeps it as a dead letter', async () => {
    await using bench = await openTaskBench();
    await using worker = work(bench, async () => {
      throw new AvdError('media', 'UNREADABLE', 'The file is broken.', { details: { at: '3' } });
    });
    void worker;
    const taskId = await bench.send();
    await until(() => bench.events.length === 1);
    const told = bench.events[0]!.outcome;
    if (told?.$case !== 'failed') throw new Error('not failed');
    expect(told.value).toMatchObject({ deadLettered: true, attempts: 1 });
    expect(fromStatus(told.value.error!)).toMatchObject({
      ...{ kind: 'media', reason: 'UNREADABLE', message: 'The file is broken.' },
      details: { at: '3' },
    });
    await bench.whenIdle();
    await until(() => bench.deadLetters().length === 1);
    expect(bench.deadLetters()[0]).toMatchObject({
      ...{ attempts: 1, worker: 'worker-1', task: { job: 'job1', taskId } },
    });
    expect(await bench.chunks.get('job1', 'detectSpeech', 0)).toBeUndefined();
  });

  it('gives up on a task after the allowed attempts, also for a defect', async () => {
    await using bench = await openTaskBench();
    let runs = 0;
    await using worker = work(
      bench,
      async () => {
        runs++;
        throw new TypeError('undefined is not a function');
      },
      2,
    );
    void worker;
    await bench.send();
    await until(() => bench.events.length === 1);
    expect(runs).toBe(2);
    expect(bench.events[0]?.outcome).toMatchObject({ $case: 'failed', value: { attempts: 2 } });
  });

  it('stops a task that takes longer than its own limit', async () => {
    await using bench = await openTaskBench();
    await using worker = work(bench, async (_request, { signal }) => whenStopped(signal), 1);
    void worker;
    await bench.send({ timeout: secToDuration(0.05) });
    await until(() => bench.events.length === 1);
    const told = bench.events[0]!.outcome;
    if (told?.$case !== 'failed') throw new Error('not failed');
    expect(fromStatus(told.value.error!).reason).toBe('TASK_TIMEOUT');
  });

  it('stops the tasks of a cancelled job, and says nothing of them', async () => {
    await using bench = await openTaskBench();
    let stopped = 0;
    let started = 0;
    await using worker = work(bench, (_request, { signal }) => {
      started++;
      return whenStopped(signal).finally(() => stopped++);
    });
    void worker;
    await bench.send();
    await until(() => started === 1);
    await broadcastCancel(bench.messaging, 'job1');
    await bench.whenIdle();
    expect(stopped).toBe(1);
    expect(bench.events).toEqual([]);
  });

  it('refuses a call it does not know, as a newer orchestrator may send', async () => {
    await using bench = await openTaskBench();
    await using worker = work(bench, async () => outcome, 1);
    void worker;
    await bench.send({ call: { $case: 'diarize', value: stageV1.DiarizeRequest.fromPartial({}) } });
    await until(() => bench.events.length === 1);
    const told = bench.events[0]!.outcome;
    if (told?.$case !== 'failed') throw new Error('not failed');
    expect(fromStatus(told.value.error!).reason).toBe('UNKNOWN_CALL');
  });

  it('tells the progress of a task, not more often than is of use, and always its end', async () => {
    await using bench = await openTaskBench();
    const told: stageV1.TaskProgress[] = [];
    const stop = subscribeProgress(bench.messaging, 'job1', (payload) =>
      told.push(stageV1.TaskProgress.decode(payload)),
    );
    await using worker = work(bench, async (_request, { report }) => {
      for (let done = 1; done <= 1000; done++) report({ done, total: 1000, unit: 'frames' });
      return outcome;
    });
    void worker;
    await bench.send();
    await until(() => told.at(-1)?.progress?.done === 1000);
    stop();
    expect(told[0]).toMatchObject({ job: 'job1', step: 'detectSpeech', index: 0 });
    expect(told.length).toBeLessThan(20);
  });
});
