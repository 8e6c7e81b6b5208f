import { descriptorImage, diarizationV1, stageV1 } from '@avd/contracts';
import {
  connectMessaging,
  ensureTopology,
  jobStore,
  publishProgress,
  requestStore,
  type Messaging,
} from '@avd/messaging';
import { startNatsServer } from '@avd/messaging/testing';
import { createRpcClient, startRpcServer, type RpcClient } from '@avd/rpc';
import type { BlobStore } from '@avd/stage-kit';
import { memoryBlobStore } from '@avd/storage';
import type { JobControl } from '../../job/job-control.js';
import { isFinal, type JobRecord } from '../../job/job-record.js';
import { openJobs, type Jobs } from '../../job/jobs.js';
import { openMediaCatalogue, type MediaCatalogue } from '../../upload/media-catalogue.js';
import { diarizationHandlers } from '../diarization-service.js';
import { openLiveProgress, type LiveProgress } from '../live-progress.js';
import { DOCUMENT, jobRecord, MEDIA } from './job-fixtures.js';

/** DiarizationService over real NATS and gRPC; only the work itself is missing. */
export interface ApiBench extends AsyncDisposable {
  readonly client: RpcClient<typeof diarizationV1.DiarizationServiceService>;
  readonly jobs: Jobs;
  readonly blobs: BlobStore;
  readonly catalogue: MediaCatalogue;
  readonly live: LiveProgress;
  /** Puts a job into the store as it is. */
  add(changes: Partial<JobRecord>): Promise<void>;
  /** A job with the files of its result. */
  addFinished(changes?: Partial<JobRecord>): Promise<JobRecord>;
  tellProgress(job: string, step: string, index: number, progress: stageV1.StageProgress): void;
}

export async function openApiBench({
  maxQueuedJobs = 100,
  heartbeatMs = 15_000,
}: { readonly maxQueuedJobs?: number; readonly heartbeatMs?: number } = {}): Promise<ApiBench> {
  const server = await startNatsServer();
  const messaging: Messaging = await connectMessaging({ urls: [server.url], name: 'avd-test' });
  await ensureTopology(messaging);
  const jobs = openJobs(jobStore(messaging));
  const blobs = memoryBlobStore();
  const catalogue = openMediaCatalogue(blobs);
  const live = openLiveProgress(messaging);
  const deps = {
    ...{ jobs, blobs, live, maxQueuedJobs, heartbeatMs },
    control: fakeControl(jobs),
    requests: requestStore(messaging),
    media: catalogue,
    chunkFrames: 1500,
    jobTtlSec: 3600,
  };
  const rpc = await startRpcServer({
    address: '127.0.0.1:0',
    services: [
      {
        definition: diarizationV1.DiarizationServiceService,
        implementation: diarizationHandlers(deps),
      },
    ],
    descriptorImage: descriptorImage(),
  });
  const service = { service: diarizationV1.DiarizationServiceService };
  const client = await createRpcClient(service, `127.0.0.1:${rpc.port}`);
  const add = async (changes: Partial<JobRecord>): Promise<void> => {
    await jobs.create(jobRecord(changes));
  };
  return {
    ...{ client, jobs, blobs, catalogue, live, add },
    async addFinished(changes = {}) {
      const record = await finishedJob(blobs, changes);
      await jobs.create(record);
      return record;
    },
    tellProgress(job, step, index, progress) {
      const message = { job, taskId: `${job}/${step}/${index}`, step, index, progress };
      publishProgress(messaging, job, stageV1.TaskProgress.encode(message).finish());
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await rpc.shutdown(0);
      live[Symbol.dispose]();
      await messaging.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const RTTM_TEXT = 'SPEAKER talk 1 0.500 1.500 <NA> <NA> spk00 <NA> <NA>\n';

/** Files of a result as they were written; the RTTM is not what would be made of the document. */
export async function finishedJob(
  blobs: BlobStore,
  changes: Partial<JobRecord> = {},
): Promise<JobRecord> {
  const put = (text: string, mediaType: string) => blobs.put(Buffer.from(text), mediaType);
  return jobRecord({
    state: 'succeeded',
    startTime: '2026-11-22T10:00:01.000Z',
    endTime: '2026-11-22T10:00:09.000Z',
    media: MEDIA,
    models: [{ name: 'facemesh', sha256: 'cd'.repeat(32) }],
    files: {
      'result.rttm': await put(RTTM_TEXT, 'text/plain'),
      'result.json': await put('{"project": {}}', 'application/json'),
      'diarization.json': await put(
        `${JSON.stringify(DOCUMENT, undefined, 1)}\n`,
        'application/json',
      ),
    },
    ...changes,
  });
}

function fakeControl(jobs: Jobs): JobControl {
  return {
    start: (record) => jobs.create(record),
    cancel: (id) =>
      jobs.update(id, (record) =>
        isFinal(record)
          ? record
          : { ...record, state: 'cancelled', endTime: '2026-11-22T11:00:00.000Z' },
      ),
    remove: (id) => jobs.delete(id),
  };
}
