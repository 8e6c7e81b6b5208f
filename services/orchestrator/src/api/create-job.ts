import type { AvdError } from '@avd/domain';
import type { RequestStore } from '@avd/messaging';
import { INITIAL_PLAN_STATE } from '@avd/pipeline';
import type { diarizationV1 } from '@avd/contracts';
import type { JobControl } from '../job/job-control.js';
import type { JobRecord, JobSource } from '../job/job-record.js';
import type { Jobs, StoredJob } from '../job/jobs.js';
import type { MediaCatalogue } from '../upload/media-catalogue.js';
import { mediaName } from '../upload/media-names.js';
import { mediaNotFound } from '../upload/upload-errors.js';
import { queueCounter } from './all-jobs.js';
import { apiError } from './api-errors.js';
import { fileNameOfUri, parseJobRequest, type JobRequest } from './job-request.js';
import { jobName, newJobId } from './names.js';

export interface CreateJobDeps {
  readonly jobs: Jobs;
  readonly control: JobControl;
  readonly requests: RequestStore;
  readonly media: MediaCatalogue;
  /** Frames of a chunk where the request does not say. */
  readonly chunkFrames: number;
  /** Most jobs that may wait; more are refused. */
  readonly maxQueuedJobs: number;
  /**
   * Whether the service may read from an address, as far as that can be said without reading.
   * @throws AvdError permissionDenied MEDIA_URI_NOT_ALLOWED, MEDIA_HOST_NOT_ALLOWED; notFound MEDIA_NOT_FOUND
   * @default it is found out by the job
   */
  readonly checkUri?: (uri: string) => Promise<void> | void;
}

/** What a request id stands for; every repeat of the request makes the same record of it. */
interface Claim {
  readonly jobId: string;
  readonly createTime: string;
  readonly digest: string;
}

export type CreateJob = (request: diarizationV1.CreateDiarizationJobRequest) => Promise<StoredJob>;

export function createJobWith(deps: CreateJobDeps): CreateJob {
  const { jobs, control } = deps;
  const countQueued = queueCounter(jobs);
  return async (message) => {
    const nowMs = Date.now();
    const request = parseJobRequest(message, nowMs);
    const claim = await claimRequest(deps.requests, request, nowMs);
    // By the time of creation a job of this request is told from one of another with the same chosen id.
    const ofThisRequest = (stored: StoredJob): StoredJob => {
      const { record } = stored;
      if (request.requestId === undefined || record.createTime !== claim.createTime) {
        throw alreadyExists(record.id);
      }
      return stored;
    };
    const earlier = await jobs.get(claim.jobId);
    if (earlier !== undefined) return ofThisRequest(earlier);
    const record = await toRecord(request, claim, deps);
    if ((await countQueued()) >= deps.maxQueuedJobs) throw tooManyJobs(deps.maxQueuedJobs);
    const started = await control.start(record);
    return started ?? ofThisRequest(await jobs.need(claim.jobId));
  };
}

async function claimRequest(
  requests: RequestStore,
  { requestId, digest, jobId }: JobRequest,
  nowMs: number,
): Promise<Claim> {
  const mine: Claim = {
    jobId: jobId ?? newJobId(nowMs),
    createTime: new Date(nowMs).toISOString(),
    digest,
  };
  if (requestId === undefined) return mine;
  const value = Buffer.from(JSON.stringify(mine));
  const winner = await requests.claim('CreateDiarizationJob', requestId, value);
  const claim = JSON.parse(Buffer.from(winner).toString('utf8')) as Claim;
  if (claim.digest !== digest) {
    throw apiError(
      'invalidInput',
      'REQUEST_ID_REUSED',
      'The request_id was used for another request; choose a new one.',
      { field: 'request_id' },
    );
  }
  return claim;
}

async function toRecord(
  request: JobRequest,
  { jobId, createTime }: Claim,
  { media, chunkFrames, checkUri }: CreateJobDeps,
): Promise<JobRecord> {
  const { source, fileName } = await resolveSource(request.source, media, checkUri);
  const expireTime = expireTimeOf(request, createTime);
  return {
    id: jobId,
    source,
    fileName,
    ...(request.recording !== undefined && { recording: request.recording }),
    config: request.config,
    settings: request.settings,
    chunkFrames: request.chunkFrames ?? chunkFrames,
    labels: request.labels,
    state: 'queued',
    createTime,
    updateTime: createTime,
    ...(expireTime !== undefined && { expireTime }),
    notices: [],
    progress: INITIAL_PLAN_STATE,
    steps: {},
    models: [],
  };
}

async function resolveSource(
  source: JobRequest['source'],
  media: MediaCatalogue,
  checkUri: CreateJobDeps['checkUri'],
): Promise<{ readonly source: JobSource; readonly fileName: string }> {
  if ('uri' in source) {
    await checkUri?.(source.uri);
    return { source, fileName: fileNameOfUri(source.uri) };
  }
  const uploaded = await media.get(source.mediaSha256);
  if (uploaded === undefined) throw mediaNotFound(mediaName(source.mediaSha256));
  return { source: { blob: uploaded.blob }, fileName: uploaded.fileName };
}

function expireTimeOf({ expiration }: JobRequest, createTime: string): string | undefined {
  if (expiration === undefined) return undefined;
  const timeMs =
    'ttlMs' in expiration ? Date.parse(createTime) + expiration.ttlMs : expiration.expireTimeMs;
  return new Date(timeMs).toISOString();
}

function alreadyExists(id: string): AvdError {
  const message = `There is a job ${id} already; choose another diarization_job_id.`;
  return apiError('precondition', 'ALREADY_EXISTS', message, { job: jobName(id) });
}

function tooManyJobs(maxQueuedJobs: number): AvdError {
  return apiError(
    'resourceExhausted',
    'TOO_MANY_JOBS',
    `${maxQueuedJobs} jobs are waiting, which is all that may; try again later.`,
    { maxQueuedJobs: String(maxQueuedJobs) },
  );
}
