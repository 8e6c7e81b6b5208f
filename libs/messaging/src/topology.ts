/**
 * Every name and setting of the NATS topology, as data without side effects: Kubernetes manifests and
 * autoscaling tests read the same constants as the code. Nothing here needs a server newer than 2.9.
 */

/** Stages with a queue of their own; `media` is the orchestrator's worker queue. */
export const TASK_STAGES = ['face-track', 'syncnet', 'vad', 'embed', 'cluster', 'media'] as const;
export type TaskStage = (typeof TASK_STAGES)[number];

export const TASK_STREAM = 'AVD_TASKS';
export const EVENT_STREAM = 'AVD_EVENTS';
export const DEAD_STREAM = 'AVD_DEAD';
/** The one durable consumer of AVD_EVENTS; all orchestrators share it. */
export const EVENT_CONSUMER = 'avd-orchestrator';

export const JOB_BUCKET = 'avd_jobs';
export const REQUEST_BUCKET = 'avd_requests';
export const CHUNK_BUCKET = 'avd_chunks';
export const UPLOAD_BUCKET = 'avd_uploads';
/** Object store for development only. */
export const BLOB_BUCKET = 'avd_blobs';

export const MAX_TASK_PAYLOAD_BYTES = 64 * 1024;
/** Room in a stored task for its headers (ids and trace context) beside the payload. */
const TASK_HEADER_BYTES = 4 * 1024;

/** Runs of one task before it becomes a dead letter. */
export const MAX_ATTEMPTS = 5;
/** Deliveries beyond the policy, for workers killed in the last attempt; after them the server gives up. */
export const SPARE_DELIVERIES = 2;
/** Silence after which the server gives a task to another worker. */
export const ACK_WAIT_SEC = 30;
/** Most tasks of one stage in flight: most pods x slots. */
export const MAX_ACK_PENDING = 1000;
const MAX_WAITING_PULLS = 2048;

export const JOB_HISTORY = 16;
export const REQUEST_TTL_SEC = 24 * 3600;
const DUPLICATE_WINDOW_SEC = 600;
const TASK_MAX_AGE_SEC = 7 * 24 * 3600;
const DEAD_MAX_AGE_SEC = 30 * 24 * 3600;
const CHUNK_MAX_AGE_SEC = 30 * 24 * 3600;
/** Longer than the 24 h after which the parts of an upload are removed: its record says where they are. */
const UPLOAD_MAX_AGE_SEC = 7 * 24 * 3600;

/** @param job a job id, or `*` for all */
export function taskSubject(stage: TaskStage | '*', job: string): string {
  return `avd.v1.task.${stage}.${job}`;
}

/** Durable consumer (and queue) of a stage; the autoscaler watches it by this name. */
export function taskConsumer(stage: TaskStage): string {
  return `avd-${stage}`;
}

export type Outcome = 'completed' | 'failed';

export function eventSubject(job: string, stage: TaskStage, outcome: Outcome): string {
  return `avd.v1.event.${job}.${stage}.${outcome}`;
}

export function deadSubject(stage: TaskStage): string {
  return `avd.v1.dead.${stage}`;
}

/** Core NATS, lossy. @param job a job id, or `*` for all */
export function progressSubject(job: string): string {
  return `avd.v1.progress.${job}`;
}

/** Core NATS, lossy: the truth is the job state. @param job a job id, or `*` for all */
export function cancelSubject(job: string): string {
  return `avd.v1.control.cancel.${job}`;
}

export interface TopologyOptions {
  /** Copies of every stream in the cluster. @default 1 */
  readonly replicas?: number;
  /** @default 30 */
  readonly ackWaitSec?: number;
  /** Runs of one task before it becomes a dead letter. @default 5 */
  readonly maxAttempts?: number;
  /** Most tasks of one stage in flight. @default 1000 */
  readonly maxAckPending?: number;
}

const toNanos = (sec: number): number => sec * 1e9;

/** Streams in the server's own words (durations in nanoseconds, sizes in bytes). */
export interface StreamSettings {
  readonly name: string;
  readonly subjects: string[];
  readonly retention: 'workqueue' | 'limits';
  readonly storage: 'file';
  readonly discard: 'new' | 'old';
  readonly num_replicas: number;
  readonly max_age: number;
  readonly duplicate_window: number;
  readonly max_msg_size: number;
  readonly max_msgs_per_subject: number;
  readonly allow_rollup_hdrs: boolean;
}

export function streamSettings(options: TopologyOptions = {}): readonly StreamSettings[] {
  const common = {
    retention: 'limits',
    storage: 'file',
    discard: 'old',
    num_replicas: options.replicas ?? 1,
    max_age: 0,
    duplicate_window: toNanos(DUPLICATE_WINDOW_SEC),
    max_msg_size: -1,
    max_msgs_per_subject: -1,
    allow_rollup_hdrs: false,
  } as const;
  const bucket = (name: string, history: number, maxAgeSec: number): StreamSettings => ({
    ...common,
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    discard: 'new',
    max_age: toNanos(maxAgeSec),
    max_msgs_per_subject: history,
    allow_rollup_hdrs: true,
  });
  return [
    {
      ...common,
      name: TASK_STREAM,
      subjects: ['avd.v1.task.*.*'],
      retention: 'workqueue',
      discard: 'new',
      max_age: toNanos(TASK_MAX_AGE_SEC),
      max_msg_size: MAX_TASK_PAYLOAD_BYTES + TASK_HEADER_BYTES,
    },
    {
      ...common,
      name: EVENT_STREAM,
      subjects: ['avd.v1.event.>'],
      max_age: toNanos(TASK_MAX_AGE_SEC),
    },
    {
      ...common,
      name: DEAD_STREAM,
      subjects: ['avd.v1.dead.*'],
      max_age: toNanos(DEAD_MAX_AGE_SEC),
    },
    bucket(JOB_BUCKET, JOB_HISTORY, 0),
    bucket(REQUEST_BUCKET, 1, REQUEST_TTL_SEC),
    bucket(CHUNK_BUCKET, 1, CHUNK_MAX_AGE_SEC),
    bucket(UPLOAD_BUCKET, 1, UPLOAD_MAX_AGE_SEC),
  ];
}

/** Durable pull consumers in the server's own words. */
export interface ConsumerSettings {
  readonly stream: string;
  readonly durable_name: string;
  readonly filter_subject: string;
  readonly ack_policy: 'explicit';
  readonly deliver_policy: 'all';
  readonly ack_wait: number;
  readonly max_deliver: number;
  readonly max_ack_pending: number;
  readonly max_waiting: number;
}

export function consumerSettings(options: TopologyOptions = {}): readonly ConsumerSettings[] {
  const common = {
    ack_policy: 'explicit',
    deliver_policy: 'all',
    ack_wait: toNanos(options.ackWaitSec ?? ACK_WAIT_SEC),
    max_ack_pending: options.maxAckPending ?? MAX_ACK_PENDING,
    max_waiting: MAX_WAITING_PULLS,
  } as const;
  return [
    ...TASK_STAGES.map((stage) => ({
      ...common,
      stream: TASK_STREAM,
      durable_name: taskConsumer(stage),
      filter_subject: taskSubject(stage, '*'),
      max_deliver: (options.maxAttempts ?? MAX_ATTEMPTS) + SPARE_DELIVERIES,
    })),
    {
      ...common,
      stream: EVENT_STREAM,
      durable_name: EVENT_CONSUMER,
      filter_subject: 'avd.v1.event.>',
      max_deliver: -1,
    },
  ];
}
