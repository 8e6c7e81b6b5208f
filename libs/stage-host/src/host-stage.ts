import { availableParallelism } from 'node:os';
import path from 'node:path';
import {
  formatAddress,
  workerSettings,
  type CommonSettings,
  type WorkerSettings,
} from '@avd/config';
import { descriptorImage, stageV1 } from '@avd/contracts';
import { FRAMES_PER_SEC, SAMPLE_RATE_HZ } from '@avd/domain';
import { createModelPool } from '@avd/inference';
import { locateModel } from '@avd/models';
import { startRpcServer, type ServedService } from '@avd/rpc';
import type { ModelPool, StageName } from '@avd/stage-kit';
import {
  ATTR_AVD_EXECUTION_PROVIDER,
  ATTR_AVD_STAGE_NAME,
  METRIC_AVD_STAGE_DURATION,
  METRIC_AVD_STAGE_REAL_TIME_FACTOR,
  metrics,
} from '@avd/telemetry';
import { durationToSec } from '@avd/contracts';
import { Artifacts } from './artifacts.js';
import { mediaFetcher } from './media/fetch-media.js';
import { openPlatform } from './platform.js';
import { runService, type RunningService } from './run-service.js';
import type { CallHost, StageCall } from './stage-call.js';
import { CallLimit, stageHandlers, stageInfoHandlers } from './stage-service.js';
import { startTaskWorker, type TaskHandler } from './task-worker.js';

export const SERVICE_VERSION = '0.1.0';

export interface HostedStage {
  readonly stage: StageName;
  readonly service: ServedService['definition'];
  /** Full name of the gRPC service, e.g. `avdiarization.stage.v1.VadService`. */
  readonly serviceName: string;
  /** By name of the RPC, which is also the case of `StageTask.call`. */
  readonly calls: Readonly<Record<string, StageCall>>;
  /** Networks to load before the service says it is ready, where they are there. */
  readonly warmModels: readonly string[];
}

/** The whole of a stage's `main.ts`. */
export function hostStage(stage: HostedStage): Promise<void> {
  return runService(`avd-${stage.stage}`, workerSettings, (settings) =>
    startStage(stage, settings),
  );
}

/** Starts a stage: its gRPC service and its worker on the queue. Disposing stops it gracefully. */
export async function startStage(
  hosted: HostedStage,
  settings: WorkerSettings,
): Promise<RunningService & { readonly port: number }> {
  const { stage, serviceName, calls } = hosted;
  const threads = settings.threads === 0 ? availableParallelism() : settings.threads;
  const { threadsPerRun, maxBatch } = settings;
  // Before anything is connected: it says when an execution provider is missing.
  const models = createModelPool({
    threads: Math.max(1, Math.floor(threads / threadsPerRun)),
    ...{ providers: settings.executionProviders, threadsPerRun, maxBatch },
    locate: (name, form) => locateModel(name, { form, cacheDir: settings.modelDir }),
  });
  const platform = await openPlatform(`avd-${stage}`, SERVICE_VERSION, settings);
  const { logger, messaging, blobs } = platform;
  const host: CallHost = {
    ...{ blobs, models, threads },
    artifacts: new Artifacts(blobs),
    workDir: path.join(settings.workDir, 'media'),
    fetchMedia: mediaFetcher(settings, blobs),
    provider: settings.executionProviders[0] ?? 'cpu',
  };
  await warm(hosted.warmModels, models);
  const limit = new CallLimit(2 * settings.slots);
  const server = await startRpcServer({
    address: formatAddress(settings.grpcAddress),
    services: [
      { definition: hosted.service, implementation: stageHandlers(calls, host, limit) },
      {
        definition: stageV1.StageInfoServiceService,
        implementation: stageInfoHandlers(() => ({
          stage,
          version: SERVICE_VERSION,
          methods: Object.values(calls).map(({ methodName, version }) => ({
            name: methodName,
            version,
          })),
          models: [...models.loaded()],
          executionProviders: [...settings.executionProviders],
          slots: settings.slots,
          busySlots: worker.busySlots,
        })),
      },
    ],
    descriptorImage: descriptorImage(),
    logger,
    ...serverTls(settings),
  });
  const worker = startTaskWorker({
    ...{ messaging, stage, workerName: platform.workerName },
    slots: settings.slots,
    maxAttempts: settings.maxAttempts,
    timeoutSec: settings.taskTimeoutSec,
    handlers: taskHandlers(calls, host),
    onDone: (task, { execution }) => recordTask(stage, task, execution),
  });
  const setReady = (isReady: boolean): void => {
    for (const name of [serviceName, 'avdiarization.stage.v1.StageInfoService'])
      server.setServing(name, isReady);
  };
  server.setServing('', true);
  setReady(true);
  messaging.onStatus((status) => setReady(status === 'connected'));
  logger.info('ready', { port: server.port, slots: settings.slots, threads });
  return {
    port: server.port,
    async [Symbol.asyncDispose]() {
      logger.info('stopping');
      const graceMs = settings.shutdownGraceSec * 1000;
      await Promise.all([worker.stop({ graceMs }), server.shutdown(graceMs)]);
      await models[Symbol.asyncDispose]();
      await platform[Symbol.asyncDispose]();
    },
  };
}

/** How long a task took, and that over the length of what it covers, where that is a piece of the recording. */
function recordTask(
  stage: StageName,
  { call }: stageV1.StageTask,
  { elapsed, executionProvider, reused }: stageV1.ExecutionInfo,
): void {
  if (elapsed === undefined || reused) return;
  const attributes = {
    [ATTR_AVD_STAGE_NAME]: stage,
    [ATTR_AVD_EXECUTION_PROVIDER]: executionProvider,
  };
  const elapsedSec = durationToSec(elapsed);
  metrics.histogram(METRIC_AVD_STAGE_DURATION).record(elapsedSec, attributes);
  const { frameRange, sampleRange } = (call?.value ?? {}) as {
    readonly frameRange?: stageV1.FrameRange;
    readonly sampleRange?: stageV1.SampleRange;
  };
  const coveredSec =
    frameRange !== undefined
      ? (frameRange.endFrame - frameRange.startFrame) / FRAMES_PER_SEC
      : sampleRange !== undefined
        ? (sampleRange.endSample - sampleRange.startSample) / SAMPLE_RATE_HZ
        : 0;
  if (coveredSec > 0) {
    metrics
      .histogram(METRIC_AVD_STAGE_REAL_TIME_FACTOR)
      .record(elapsedSec / coveredSec, attributes);
  }
}

function taskHandlers(
  calls: Readonly<Record<string, StageCall>>,
  host: CallHost,
): Record<string, TaskHandler> {
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]): [string, TaskHandler] => [
      name,
      (request, session) => call.run(request as Parameters<StageCall['run']>[0], session, host),
    ]),
  );
}

/** What is not there is asked for again, and refused with its reason, by the first call that needs it. */
async function warm(names: readonly string[], models: ModelPool): Promise<void> {
  await Promise.all(names.map((name) => models.load(name).catch(() => undefined)));
}

export function serverTls({ tlsCertFile, tlsKeyFile, tlsCaFile }: CommonSettings) {
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return {};
  const ca = tlsCaFile === undefined ? {} : { caFile: tlsCaFile };
  return { tls: { certFile: tlsCertFile, keyFile: tlsKeyFile, ...ca } };
}
