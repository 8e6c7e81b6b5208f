import { choicesToConfig, diarizationV1, googleRpc } from '@avd/contracts';
import { jobTraceContext } from '@avd/telemetry';
import type { JobError, JobRecord, JobState } from '../job/job-record.js';
import type { StoredJob } from '../job/jobs.js';
import { mediaName } from '../upload/media-names.js';
import { expireTimeOf, recordingOf } from '../job/job-facts.js';
import { jobProgress } from './job-progress.js';
import type { LiveProgress } from './live-progress.js';
import { jobName } from './names.js';

const { DiarizationJob_State } = diarizationV1;

export const PROTO_STATES: Readonly<Record<JobState, diarizationV1.DiarizationJob_State>> = {
  queued: DiarizationJob_State.QUEUED,
  running: DiarizationJob_State.RUNNING,
  succeeded: DiarizationJob_State.SUCCEEDED,
  failed: DiarizationJob_State.FAILED,
  cancelling: DiarizationJob_State.CANCELLING,
  cancelled: DiarizationJob_State.CANCELLED,
};

export interface JobView {
  readonly live: LiveProgress;
  /** How long a job is kept after its end. */
  readonly jobTtlSec: number;
}

/** A job as the API shows it. */
export function jobToProto(
  stored: StoredJob,
  { live, jobTtlSec }: JobView,
): diarizationV1.DiarizationJob {
  const { record } = stored;
  return {
    name: jobName(record.id),
    source: sourceOf(record),
    recording: recordingOf(record),
    config: choicesToConfig(record.settings, record.chunkFrames),
    state: PROTO_STATES[record.state],
    error: record.error === undefined ? undefined : statusOf(record.error),
    progress: jobProgress(record, live),
    notices: [...record.notices],
    createTime: new Date(record.createTime),
    startTime: dateOf(record.startTime),
    updateTime: new Date(record.updateTime),
    endTime: dateOf(record.endTime),
    expiration: { $case: 'expireTime', value: expireTimeOf(record, jobTtlSec) },
    labels: { ...record.labels },
    etag: etagOf(stored),
    traceId: jobTraceContext(record.id).traceId,
  };
}

export function etagOf({ revision }: StoredJob): string {
  return String(revision);
}

function sourceOf({ source }: JobRecord): diarizationV1.DiarizationJob['source'] {
  return 'uri' in source
    ? { $case: 'uri', value: source.uri }
    : { $case: 'media', value: mediaName(source.blob.sha256) };
}

function statusOf({ status }: JobError): googleRpc.Status {
  return googleRpc.Status.decode(Buffer.from(status, 'base64'));
}

function dateOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
