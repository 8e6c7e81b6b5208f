import type { stageV1 } from '@avd/contracts';
import type { DiarizeSettings, PlanState, StepName } from '@avd/pipeline';
import type { BlobRef } from '@avd/stage-kit';

export const JOB_STATES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelling',
  'cancelled',
] as const;
export type JobState = (typeof JOB_STATES)[number];

/**
 * All that is known of a job, as it stands in the job store: plain JSON-safe data whose size does not grow with the
 * length of the recording. Times are ISO 8601.
 */
export interface JobRecord {
  readonly id: string;
  readonly source: JobSource;
  /** File name of the recording. */
  readonly fileName: string;
  /** Name of the recording in the results. @default made from the file name */
  readonly recording?: string;
  /** As given in the request. */
  readonly config: JobConfig;
  readonly settings: DiarizeSettings;
  readonly chunkFrames: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: JobState;
  readonly createTime: string;
  readonly startTime?: string;
  readonly updateTime: string;
  readonly endTime?: string;
  readonly error?: JobError;
  readonly notices: readonly string[];
  /** Known once the recording was prepared. */
  readonly media?: stageV1.MediaRef;
  /** How far the graph of the job has come (see `graphOf`). */
  readonly progress: PlanState<JobStep>;
  /** By step: finished tasks whose result was there before, and when the step's first task started and its last ended. */
  readonly steps: Readonly<Record<string, StepRecord>>;
  /** Networks that took part. */
  readonly models: readonly { readonly name: string; readonly sha256: string }[];
  /** Span that asked for the job, to be linked with its trace. */
  readonly createSpan?: { readonly traceId: string; readonly spanId: string };
  /** When the job and its results are removed. */
  readonly expireTime?: string;
  /** Files of the finished job, by name (`result.rttm`, `diarization.json`, ...). */
  readonly files?: Readonly<Record<string, BlobRef>>;
}

/** A step of a job: bring the recording in, the steps of its plan, write the results. */
export type JobStep = 'prepareMedia' | StepName | 'assembleResult';

export type JobSource =
  | { readonly uri: string }
  /** An uploaded medium. */
  | { readonly blob: BlobRef };

/** `DiarizationConfig` of the request as JSON (see `DiarizationConfig.toJSON` of the contract). */
export type JobConfig = unknown;

/** A google.rpc.Status, kept so that it can be told again. */
export interface JobError {
  /** Stable reason, UPPER_SNAKE. */
  readonly reason: string;
  readonly message: string;
  /** `googleRpc.Status` encoded, base64. */
  readonly status: string;
}

export interface StepRecord {
  readonly reusedCount: number;
  readonly startTime: string;
  readonly endTime?: string;
}

export function isFinal({ state }: Pick<JobRecord, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled';
}
