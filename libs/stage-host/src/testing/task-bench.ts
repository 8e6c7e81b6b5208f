import { stageV1 } from '@avd/contracts';
import {
  chunkStore,
  connectMessaging,
  consumeEvents,
  ensureTopology,
  publishTask,
  queueState,
  type ChunkStore,
  type Messaging,
} from '@avd/messaging';
import { startNatsServer } from '@avd/messaging/testing';
import { tapMessages } from './tap-messages.js';
import { until } from './until.js';

/** A nats-server with the topology, and what is told on it. */
export interface TaskBench extends AsyncDisposable {
  readonly messaging: Messaging;
  readonly chunks: ChunkStore;
  /** Events heard so far. */
  readonly events: stageV1.TaskEvent[];
  /** Queues a task of the stage `vad`. @returns its id */
  send(changes?: Partial<stageV1.StageTask>, dedupeId?: string): Promise<string>;
  whenIdle(): Promise<void>;
  /** Dead letters seen so far. */
  deadLetters(): stageV1.DeadLetter[];
}

export async function openTaskBench(): Promise<TaskBench> {
  const server = await startNatsServer();
  const messaging = await connectMessaging({ urls: [server.url], name: 'avd-test' });
  await ensureTopology(messaging, { ackWaitSec: 1 });
  const tap = await tapMessages(server.url, 'avd.v1.dead.*');
  const events: stageV1.TaskEvent[] = [];
  const hearing = consumeEvents(messaging, async ({ payload }) => {
    events.push(stageV1.TaskEvent.decode(payload));
  });
  return {
    ...{ messaging, events },
    chunks: chunkStore(messaging),
    async send(changes = {}, dedupeId) {
      const task = stageV1.StageTask.fromPartial({
        ...{ job: 'job1', taskId: 'job1/detectSpeech/0/1', step: 'detectSpeech', index: 0 },
        call: { $case: 'detectSpeech', value: {} },
        ...changes,
      });
      const { job, taskId } = task;
      const payload = stageV1.StageTask.encode(task).finish();
      const dedupe = dedupeId === undefined ? {} : { dedupeId };
      await publishTask(messaging, { stage: 'vad', job, taskId, payload, ...dedupe });
      return taskId;
    },
    async whenIdle() {
      await until(async () => {
        const { pending, inFlight } = await queueState(messaging, 'vad');
        return pending + inFlight === 0;
      });
    },
    deadLetters: () => tap.messages.map(({ payload }) => stageV1.DeadLetter.decode(payload)),
    async [Symbol.asyncDispose]() {
      tap[Symbol.dispose]();
      await hearing[Symbol.asyncDispose]();
      await messaging.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
