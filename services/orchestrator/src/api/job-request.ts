import { durationToSec, configToChoices, diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { resolveSettings, SETTINGS_VOCABULARY, type DiarizeSettings } from '@avd/pipeline';
import { resultKey } from '@avd/stage-kit';
import type { JobConfig } from '../job/job-record.js';
import { parseMediaName } from '../upload/media-names.js';
import { invalidField } from './api-errors.js';
import { checkUuid, isJobId } from './names.js';

const { DiarizationConfig } = diarizationV1;

const SCHEMES: readonly string[] = ['https:', 'http:', 's3:', 'file:'];
const MAX_URI_CHARS = 4096;
const MAX_RECORDING_CHARS = 200;
const MAX_LABELS = 64;
const MAX_LABEL_CHARS = 63;
/** Timestamps of the contract end with the year 9999. */
const LAST_TIME_MS = Date.UTC(9999, 11, 31);

/** A request for a new job which has been found good. */
export interface JobRequest {
  readonly source: { readonly uri: string } | { readonly mediaSha256: string };
  /** Name of the recording in the results, if it was chosen. */
  readonly recording?: string;
  readonly config: JobConfig;
  readonly settings: DiarizeSettings;
  readonly chunkFrames?: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly expiration?: { readonly expireTimeMs: number } | { readonly ttlMs: number };
  readonly jobId?: string;
  readonly requestId?: string;
  /** The same for requests that ask for the same. */
  readonly digest: string;
}

/**
 * Checks all that can be known from the request alone.
 * @throws AvdError invalidInput INVALID_FIELD with the field's path, CONTRADICTING_OPTIONS
 */
export function parseJobRequest(
  request: diarizationV1.CreateDiarizationJobRequest,
  nowMs: number,
): JobRequest {
  const { diarizationJob: job, diarizationJobId: jobId, requestId } = request;
  if (job === undefined) throw invalidField('diarization_job', 'must be given');
  if (jobId !== '' && !isJobId(jobId)) {
    throw invalidField(
      'diarization_job_id',
      'must be 4 to 63 of a-z, 0-9 and -, a letter first, no - last',
    );
  }
  if (requestId !== '') checkUuid(requestId, 'request_id');
  const config = job.config ?? DiarizationConfig.fromPartial({});
  const settings = resolveSettings(configToChoices(config, SETTINGS_VOCABULARY));
  const { chunkFrames } = config;
  const asked = {
    source: parseSource(job.source),
    ...(job.recording !== '' && { recording: checkRecording(job.recording) }),
    config: DiarizationConfig.toJSON(config),
    labels: checkLabels(job.labels),
    ...(job.expiration !== undefined && { expiration: parseExpiration(job.expiration, nowMs) }),
    ...(jobId !== '' && { jobId }),
  };
  return {
    ...asked,
    settings,
    ...(chunkFrames !== undefined && { chunkFrames }),
    ...(requestId !== '' && { requestId }),
    digest: resultKey(asked),
  };
}

function parseSource(source: diarizationV1.DiarizationJob['source']): JobRequest['source'] {
  if (source === undefined || source.value === '') {
    throw invalidField('diarization_job.source', 'must be given: uri or media');
  }
  if (source.$case === 'media') {
    return { mediaSha256: parseMediaName(source.value, 'diarization_job.media') };
  }
  const uri = source.value;
  if (uri.length > MAX_URI_CHARS) {
    throw invalidField('diarization_job.uri', `must have at most ${MAX_URI_CHARS} characters`);
  }
  const scheme = URL.canParse(uri) ? new URL(uri).protocol : undefined;
  if (scheme === undefined || !SCHEMES.includes(scheme)) {
    throw invalidField(
      'diarization_job.uri',
      'must be an address that begins with https://, s3:// or file://',
    );
  }
  return { uri };
}

/** It is one field of an RTTM line and part of a file name. */
function checkRecording(recording: string): string {
  if (recording.length > MAX_RECORDING_CHARS || /[\s\p{Cc}/\\]/u.test(recording)) {
    throw invalidField(
      'diarization_job.recording',
      `must have at most ${MAX_RECORDING_CHARS} characters and no white space or slashes`,
    );
  }
  return recording;
}

function checkLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) {
    throw invalidField('diarization_job.labels', `must be at most ${MAX_LABELS}`);
  }
  for (const [name, value] of entries) {
    const isGood = name !== '' && name.length <= MAX_LABEL_CHARS && value.length <= MAX_LABEL_CHARS;
    if (isGood) continue;
    throw invalidField(
      'diarization_job.labels',
      `must have names and values of at most ${MAX_LABEL_CHARS} characters, and no empty name`,
    );
  }
  return Object.fromEntries(entries);
}

function parseExpiration(
  expiration: NonNullable<diarizationV1.DiarizationJob['expiration']>,
  nowMs: number,
): NonNullable<JobRequest['expiration']> {
  if (expiration.$case === 'ttl') {
    const ttlMs = durationToSec(expiration.value) * 1000;
    if (!(ttlMs > 0)) throw invalidField('diarization_job.ttl', 'must be above 0');
    if (nowMs + ttlMs > LAST_TIME_MS) throw invalidField('diarization_job.ttl', 'is too long');
    return { ttlMs };
  }
  const expireTimeMs = expiration.value.getTime();
  if (!(expireTimeMs > nowMs && expireTimeMs <= LAST_TIME_MS)) {
    throw invalidField('diarization_job.expire_time', 'must lie in the future');
  }
  return { expireTimeMs };
}

/** File name of the recording at an address. */
export function fileNameOfUri(uri: string): string {
  const path = new URL(uri).pathname;
  const name = decode(path.split('/').findLast((part) => part !== '') ?? '');
  const last = name.split(/[/\\]/).findLast((part) => part !== '') ?? '';
  return last.replace(/\p{Cc}/gu, '') || 'recording';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    // A stray percent sign: the name is used as it is.
    if (error instanceof URIError) return part;
    throw AvdError.from(error);
  }
}
