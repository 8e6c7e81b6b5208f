import { availableParallelism } from 'node:os';
import path from 'node:path';
import { formatAddress, type OrchestratorSettings } from '@avd/config';
import { descriptorImage, diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { chunkStore, jobStore, requestStore, uploadStore } from '@avd/messaging';
import { startRpcServer } from '@avd/rpc';
import { checkMediaUri } from '@avd/storage';
import {
  Artifacts,
  mediaFetcher,
  openPlatform,
  serverTls,
  SERVICE_VERSION,
  type RunningService,
} from '@avd/stage-host';
import { diarizationHandlers } from './api/diarization-service.js';
import { openLiveProgress } from './api/live-progress.js';
import { fileRecording } from './http/recording.js';
import { startHttp } from './http/start-http.js';
import { JobEngine } from './job/engine.js';
import { openJobs } from './job/jobs.js';
import { reportBuilder } from './media/build-report.js';
import { startMediaWorker } from './media/media-worker.js';
import { openMediaCatalogue } from './upload/media-catalogue.js';
import { mediaHandlers } from './upload/media-service.js';
import { Uploads } from './upload/uploads.js';

/** Recordings that one orchestrator prepares, or results it writes, at a time. */
const MEDIA_SLOTS = 2;
/** Uploads that nobody went on with are removed. */
const CLEAN_EVERY_MS = 3_600_000;
const SERVICE_NAMES = ['DiarizationService', 'MediaService'].map(
  (name) => `avdiarization.v1.${name}`,
);

export interface RunningOrchestrator extends RunningService {
  readonly port: number;
  readonly httpPort: number;
}

/** Starts an orchestrator: the public services, the pages, the engine and its own worker. Disposing stops it gracefully. */
export async function startOrchestrator(
  settings: OrchestratorSettings,
): Promise<RunningOrchestrator> {
  const platform = await openPlatform('avd-orchestrator', SERVICE_VERSION, settings);
  const { messaging, blobs, logger, workerName } = platform;
  const { maxQueuedJobs, maxUploadBytes, chunkFrames, jobTtlSec } = settings;
  const artifacts = new Artifacts(blobs);
  const fetchMedia = mediaFetcher(settings, blobs);
  const jobs = openJobs(jobStore(messaging));
  const chunks = chunkStore(messaging);
  const engine = new JobEngine({
    ...{ messaging, jobs, artifacts, logger, jobTtlSec },
    chunks,
    maxActiveJobs: settings.maxActiveJobs,
    jobWindow: settings.jobWindow,
    taskTimeoutSec: settings.taskTimeoutSec,
  });
  const mediaTasks = {
    ...{ blobs, artifacts, fetchMedia, threads: availableParallelism() },
    workDir: path.join(settings.workDir, 'media'),
  };
  const worker = startMediaWorker({
    ...mediaTasks,
    ...{ messaging, workerName, slots: MEDIA_SLOTS },
    maxAttempts: settings.maxAttempts,
    timeoutSec: settings.taskTimeoutSec,
  });
  const live = openLiveProgress(messaging);
  const draining = new AbortController();
  const catalogue = openMediaCatalogue(blobs);
  const store = uploadStore(messaging);
  const uploads = new Uploads({ store, blobs, catalogue, maxUploadBytes });
  const server = await startRpcServer({
    address: formatAddress(settings.grpcAddress),
    services: [
      {
        definition: diarizationV1.DiarizationServiceService,
        implementation: diarizationHandlers({
          ...{ jobs, blobs, live, jobTtlSec, chunkFrames, maxQueuedJobs },
          draining: draining.signal,
          control: engine,
          requests: requestStore(messaging),
          media: catalogue,
          checkUri: (uri) =>
            checkMediaUri(uri, {
              allowedRoots: settings.mediaRoots,
              allowedHosts: settings.mediaHosts,
            }),
        }),
      },
      {
        definition: diarizationV1.MediaServiceService,
        implementation: mediaHandlers({ uploads, catalogue, blobs, jobs, maxUploadBytes }),
      },
    ],
    descriptorImage: descriptorImage(),
    logger,
    ...serverTls(settings),
  });
  const http = await startHttp({
    ...{ address: settings.httpAddress, logger, jobs, live, blobs },
    buildReport: reportBuilder({ ...mediaTasks, jobs, chunks }),
    isHealthy: () => messaging.status === 'connected',
    openRecording: async ({ source, media }, signal) => {
      const uri = 'uri' in source ? source.uri : `blob:sha256/${source.blob.sha256}`;
      return fileRecording(await fetchMedia(uri, media?.sha256, signal));
    },
  });
  await engine.open();
  const cleaning = setInterval(() => {
    uploads
      .removeExpired()
      .catch((error: unknown) => logger.warn('uploads could not be cleaned up', { error }));
  }, CLEAN_EVERY_MS);
  const setReady = (isReady: boolean): void => {
    for (const name of SERVICE_NAMES) server.setServing(name, isReady);
  };
  setReady(messaging.status === 'connected');
  messaging.onStatus((status) => setReady(status === 'connected'));
  logger.info('ready', { port: server.port, httpPort: http.port });
  return {
    port: server.port,
    httpPort: http.port,
    async [Symbol.asyncDispose]() {
      logger.info('stopping');
      clearInterval(cleaning);
      draining.abort(stopping());
      const graceMs = settings.shutdownGraceSec * 1000;
      await http[Symbol.asyncDispose]();
      await Promise.all([server.shutdown(graceMs), worker.stop({ graceMs })]);
      await engine[Symbol.asyncDispose]();
      live[Symbol.dispose]();
      await platform[Symbol.asyncDispose]();
    },
  };
}

function stopping(): AvdError {
  return new AvdError(
    'unavailable',
    'SERVER_STOPPING',
    'This avd server is stopping; follow the job again in a moment.',
  );
}
