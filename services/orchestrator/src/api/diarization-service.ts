import { documentToDiarization, type diarizationV1 } from '@avd/contracts';
import { serverStream, unary } from '@avd/rpc';
import type { BlobStore } from '@avd/stage-kit';
import { isFinal } from '../job/job-record.js';
import { jobNotFound } from '../job/jobs.js';
import { apiError } from './api-errors.js';
import { createJobWith, type CreateJobDeps } from './create-job.js';
import { exportDiarization, exportFormat } from './export-diarization.js';
import { followJob, type FollowDeps } from './follow-job.js';
import { etagOf, jobToProto, type JobView } from './job-to-proto.js';
import { listJobs } from './list-jobs.js';
import { checkUuid, parseJobName, parseResultName, resultName } from './names.js';
import { readDocument } from './result-files.js';

export interface DiarizationServiceDeps extends CreateJobDeps, FollowDeps, JobView {
  readonly blobs: BlobStore;
}

/** Handlers of `avdiarization.v1.DiarizationService`. */
export function diarizationHandlers(
  deps: DiarizationServiceDeps,
): diarizationV1.DiarizationServiceServer {
  const { jobs, control, blobs } = deps;
  const createJob = createJobWith(deps);
  return {
    createDiarizationJob: unary(async (request: diarizationV1.CreateDiarizationJobRequest) =>
      jobToProto(await createJob(request), deps),
    ),
    getDiarizationJob: unary(async ({ name }: diarizationV1.GetDiarizationJobRequest) =>
      jobToProto(await jobs.need(parseJobName(name)), deps),
    ),
    listDiarizationJobs: unary(async (request: diarizationV1.ListDiarizationJobsRequest) => {
      const page = await listJobs(jobs, request);
      return {
        diarizationJobs: page.jobs.map((stored) => jobToProto(stored, deps)),
        nextPageToken: page.nextPageToken,
      };
    }),
    cancelDiarizationJob: unary(
      async ({ name, requestId }: diarizationV1.CancelDiarizationJobRequest) => {
        if (requestId !== '') checkUuid(requestId, 'request_id');
        return jobToProto(await control.cancel(parseJobName(name)), deps);
      },
    ),
    deleteDiarizationJob: unary((request: diarizationV1.DeleteDiarizationJobRequest) =>
      deleteJob(request, deps),
    ),
    watchDiarizationJob: serverStream(
      (request: diarizationV1.WatchDiarizationJobRequest, { signal }) =>
        watchJob(request, deps, signal),
    ),
    getDiarization: unary(async ({ name }: diarizationV1.GetDiarizationRequest, { signal }) => {
      const id = parseResultName(name);
      const { record } = await jobs.need(id);
      const document = await readDocument(record, blobs, signal);
      return documentToDiarization(document, { name: resultName(id), models: record.models });
    }),
    exportDiarization: serverStream((request: diarizationV1.ExportDiarizationRequest, { signal }) =>
      exportJob(request, deps, signal),
    ),
  };
}

async function deleteJob(
  { name, force, allowMissing, etag }: diarizationV1.DeleteDiarizationJobRequest,
  { jobs, control }: DiarizationServiceDeps,
): Promise<Record<string, never>> {
  const id = parseJobName(name);
  const stored = await jobs.get(id);
  if (stored === undefined) {
    if (allowMissing) return {};
    throw jobNotFound(id);
  }
  if (etag !== '' && etag !== etagOf(stored)) {
    throw apiError(
      'precondition',
      'ETAG_MISMATCH',
      `The job ${id} has changed since it was read; read it again.`,
      { job: id },
    );
  }
  if (!force && !isFinal(stored.record)) {
    throw apiError(
      'precondition',
      'JOB_NOT_ENDED',
      `The job ${id} has not ended; cancel it first, or set force.`,
      { job: id },
    );
  }
  await control.remove(id);
  return {};
}

async function* watchJob(
  { name, resumeToken }: diarizationV1.WatchDiarizationJobRequest,
  deps: DiarizationServiceDeps,
  signal: AbortSignal,
): AsyncGenerator<diarizationV1.WatchDiarizationJobResponse, void, undefined> {
  // Any other text is no token of ours: the stream then begins with the job as it is.
  const seen = /^\d{1,15}$/.test(resumeToken) ? { seenRevision: Number(resumeToken) } : {};
  for await (const update of followJob(parseJobName(name), deps, { ...seen, signal })) {
    yield update.kind === 'heartbeat'
      ? { update: { $case: 'heartbeat', value: {} }, resumeToken: String(update.revision) }
      : {
          update: { $case: 'diarizationJob', value: jobToProto(update.stored, deps) },
          resumeToken: String(update.stored.revision),
        };
  }
}

async function* exportJob(
  { name, format }: diarizationV1.ExportDiarizationRequest,
  { jobs, blobs }: DiarizationServiceDeps,
  signal: AbortSignal,
): AsyncGenerator<diarizationV1.ExportDiarizationResponse, void, undefined> {
  const id = parseResultName(name);
  const target = exportFormat(format);
  const { record } = await jobs.need(id);
  yield* exportDiarization(record, target, blobs, signal);
}
