import { stageV1 } from '@avd/contracts';
import {
  chunkStore,
  connectMessaging,
  ensureTopology,
  jobStore,
  queueState,
  TASK_STAGES,
  type ChunkStore,
  type Messaging,
  type TaskWorker,
} from '@avd/messaging';
import { startNatsServer } from '@avd/messaging/testing';
import { stepTable } from '@avd/pipeline';
import {
  Artifacts,
  startTaskWorker,
  toArtifactRef,
  type StageRequest,
  type TaskHandler,
} from '@avd/stage-host';
import { tapMessages, until, type Tap } from '@avd/stage-host/testing';
import { memoryBlobStore } from '@avd/storage';
import { silentLogger } from '@avd/telemetry';
import { jobRecord, MEDIA } from '../../api/testing/job-fixtures.js';
import { JobEngine, type EngineOptions } from '../engine.js';
import { isFinal, type JobRecord } from '../job-record.js';
import { openJobs, type Jobs } from '../jobs.js';

/** An engine with a connection of its own, as another process would have. */
export interface BenchEngine extends AsyncDisposable {
  readonly engine: JobEngine;
  /** Ends it as a crash would: its connection is gone, nothing is handed back. */
  crash(): Promise<void>;
}

/** Engines over a real nats-server; the stages' work is quick and says which task it was. */
export interface EngineBench extends AsyncDisposable {
  readonly jobs: Jobs;
  readonly chunks: ChunkStore;
  readonly artifacts: Artifacts;
  readonly messaging: Messaging;
  /** Tasks, events, dead letters and what is written into the stores. */
  readonly tap: Tap;
  /** Ids of all tasks that were run, in order. */
  readonly runs: string[];
  openEngine(options?: Partial<EngineOptions>): Promise<BenchEngine>;
  /** @returns the record when the job has ended */
  whenEnded(id: string): Promise<JobRecord>;
  whenQueuesAreEmpty(): Promise<void>;
}

/** What a task does before it answers. */
export type During = (task: stageV1.StageTask, signal: AbortSignal) => Promise<void>;

export async function openEngineBench(
  during: During = async () => undefined,
): Promise<EngineBench> {
  const server = await startNatsServer();
  const connect = (name: string) => connectMessaging({ urls: [server.url], name });
  const messaging = await connect('avd-test');
  await ensureTopology(messaging, { ackWaitSec: 1 });
  const tap = await tapMessages(server.url, 'avd.v1.>', '$KV.>');
  const blobs = memoryBlobStore();
  const artifacts = new Artifacts(blobs);
  const jobs = openJobs(jobStore(messaging));
  const runs: string[] = [];
  const workers = TASK_STAGES.map((stage): TaskWorker =>
    startTaskWorker({
      ...{ messaging, stage, workerName: `worker-${stage}`, slots: 2 },
      ...{ maxAttempts: 2, timeoutSec: 60 },
      handlers: fakeHandlers(artifacts, runs, during),
    }),
  );
  const open: AsyncDisposable[] = [];
  return {
    ...{ jobs, artifacts, messaging, tap, runs },
    chunks: chunkStore(messaging),
    async openEngine(options = {}) {
      const own = await connect('avd-engine');
      const engine = new JobEngine({
        messaging: own,
        jobs: openJobs(jobStore(own)),
        chunks: chunkStore(own),
        artifacts: new Artifacts(blobs),
        logger: silentLogger,
        ...{ maxActiveJobs: 64, jobWindow: 8, taskTimeoutSec: 60, jobTtlSec: 3600 },
        ...{ sweepEveryMs: 100, stallMs: 2_000 },
        ...options,
      });
      await engine.open();
      let isOver = false;
      const bench: BenchEngine = {
        engine,
        async crash() {
          isOver = true;
          await own.close();
          await engine[Symbol.asyncDispose]();
        },
        async [Symbol.asyncDispose]() {
          if (isOver) return;
          isOver = true;
          await engine[Symbol.asyncDispose]();
          await own.close();
        },
      };
      open.push(bench);
      return bench;
    },
    async whenEnded(id) {
      await until(async () => {
        const found = await jobs.get(id);
        return found !== undefined && isFinal(found.record);
      });
      return (await jobs.need(id)).record;
    },
    async whenQueuesAreEmpty() {
      await until(async () => {
        const states = await Promise.all(TASK_STAGES.map((stage) => queueState(messaging, stage)));
        return states.every(({ pending, inFlight }) => pending + inFlight === 0);
      });
    },
    async [Symbol.asyncDispose]() {
      for (const engine of open) await engine[Symbol.asyncDispose]();
      await Promise.all(workers.map((worker) => worker.stop({ graceMs: 0 })));
      tap[Symbol.dispose]();
      await messaging.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** A waiting job of 8 s in chunks of 2 s, made now. */
export function waitingJob(id: string, changes: Partial<JobRecord> = {}): JobRecord {
  const createTime = new Date().toISOString();
  return jobRecord({ id, createTime, updateTime: createTime, ...changes });
}

/** What each step's fake result says; a step that reads others checks that it was given all of them, in order. */
interface FakeResult {
  readonly job: string;
  readonly step: string;
  readonly index: number;
}

function fakeHandlers(
  artifacts: Artifacts,
  runs: string[],
  during: During,
): Readonly<Record<string, TaskHandler>> {
  const execution = stageV1.ExecutionInfo.fromPartial({ stageVersion: '1' });
  const handler: TaskHandler = async (message, { signal }, task) => {
    runs.push(task.taskId);
    await during(task, signal);
    const { job, step, index } = task;
    const { inputs = {} } = message as StageRequest;
    for (const [read, list] of Object.entries(inputs)) {
      const addresses = await artifacts.addressesOf(list);
      const results = await Promise.all(addresses.map((address) => artifacts.read(address)));
      (results as FakeResult[]).forEach((result, position) => {
        if (result.step !== read || result.index !== position || result.job !== job) {
          throw new Error(`${step} was given ${JSON.stringify(result)} as ${read}/${position}`);
        }
      });
    }
    return { artifact: toArtifactRef(await artifacts.write({ job, step, index })), execution };
  };
  const prepare: TaskHandler = async (message, session, task) => {
    await handler(message, session, task);
    const result = { media: MEDIA, notices: [] };
    const ref = await artifacts.write(stageV1.PrepareMediaResult.toJSON(result));
    return { artifact: toArtifactRef(ref), execution };
  };
  const assemble: TaskHandler = async (message, session, task) => {
    const { artifact } = await handler(message, session, task);
    const result = { files: { 'result.rttm': artifact } };
    const ref = await artifacts.write(stageV1.AssembleResultResult.toJSON(result));
    return { artifact: toArtifactRef(ref), execution };
  };
  const ofStages = Object.keys(stepTable).map((step): [string, TaskHandler] => [step, handler]);
  return { ...Object.fromEntries(ofStages), prepareMedia: prepare, assembleResult: assemble };
}
