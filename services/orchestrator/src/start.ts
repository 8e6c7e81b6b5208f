import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { OrchestratorSettings } from '@avd/config';
import { chunkStore, jobStore } from '@avd/messaging';
import { Artifacts, mediaFetcher, openPlatform, SERVICE_VERSION, type RunningService } from '@avd/stage-host';
import { JobEngine } from './job/engine.js';
import { openJobs } from './job/jobs.js';
import { startMediaWorker } from './media/media-worker.js';

/** Recordings that one orchestrator prepares, or results it writes, at a time. */
const MEDIA_SLOTS = 2;

/** Starts an orchestrator: the engine, its own worker. Disposing stops it gracefully. */
export async function startOrchestrator(settings: OrchestratorSettings): Promise<RunningService> {
  const platform = await openPlatform('avd-orchestrator', SERVICE_VERSION, settings);
  const { messaging, blobs, logger, workerName } = platform;
  const artifacts = new Artifacts(blobs);
  const jobs = openJobs(jobStore(messaging));
  const chunks = chunkStore(messaging);
  const worker = startMediaWorker({
    ...{ messaging, workerName, blobs, artifacts, slots: MEDIA_SLOTS },
    workDir: path.join(settings.workDir, 'media'),
    fetchMedia: mediaFetcher(settings, blobs),
    threads: availableParallelism(),
    maxAttempts: settings.maxAttempts,
    timeoutSec: settings.taskTimeoutSec,
  });
  const engine = new JobEngine({
    ...{ messaging, jobs, chunks, artifacts, logger },
    maxActiveJobs: settings.maxActiveJobs,
    jobWindow: settings.jobWindow,
    taskTimeoutSec: settings.taskTimeoutSec,
    jobTtlSec: settings.jobTtlSec,
  });
  await engine.open();
  return {
    async [Symbol.asyncDispose]() {
      logger.info('stopping');
      await engine[Symbol.asyncDispose]();
      await worker.stop({ graceMs: settings.shutdownGraceSec * 1000 });
      await platform[Symbol.asyncDispose]();
    },
  };
}
