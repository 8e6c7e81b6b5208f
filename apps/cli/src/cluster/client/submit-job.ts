import { randomUUID } from 'node:crypto';
import { choicesToConfig, diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import type { DiarizeChoices } from '@avd/pipeline';
import type { JobEvent } from '../../progress/reporter.js';
import { pause } from '../processes/pause.js';
import { CALL_LIMIT_SEC, retrying, type ServerConnection } from './connect.js';
import type { Job } from './job-state.js';
import { withSourceAdvice, type RecordingSource } from './recording-source.js';
import { uploadMedia } from './upload-media.js';

export interface SubmitJobOptions {
  readonly source: RecordingSource;
  readonly choices: DiarizeChoices;
  readonly chunkFrames?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Name to give to the job. @default chosen by the server */
  readonly jobId?: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
}

/** Sends the recording, where the server cannot read it, and creates the job. @throws AvdError */
export async function submitJob(
  connection: ServerConnection,
  options: SubmitJobOptions,
): Promise<Job> {
  const { source, signal, onEvent } = options;
  try {
    if (source.kind === 'uri') {
      return await createJob(connection, { $case: 'uri', value: source.uri }, options);
    }
    const { media } = connection;
    const upload = (requestId?: string): Promise<string> =>
      uploadMedia(media, source.file, {
        signal,
        onEvent,
        ...(requestId !== undefined && { requestId }),
      });
    try {
      return await createJob(connection, { $case: 'media', value: await upload() }, options);
    } catch (error) {
      if (AvdError.from(error).reason !== 'MEDIA_NOT_FOUND') throw error;
      // It was sent before and has been deleted since: an upload that is complete cannot be repeated.
      const value = await upload(randomUUID());
      return await createJob(connection, { $case: 'media', value }, options);
    }
  } catch (error) {
    throw source.kind === 'uri' ? withSourceAdvice(error, source.uri) : error;
  }
}

function createJob(
  { jobs }: ServerConnection,
  source: NonNullable<diarizationV1.DiarizationJob['source']>,
  { choices, chunkFrames, labels, jobId = '', signal }: SubmitJobOptions,
): Promise<Job> {
  const request = diarizationV1.CreateDiarizationJobRequest.fromPartial({
    diarizationJob: {
      source,
      config: choicesToConfig(choices, chunkFrames),
      labels: { ...labels },
    },
    diarizationJobId: jobId,
    requestId: randomUUID(),
  });
  const options = { signal, deadlineSec: CALL_LIMIT_SEC };
  return retrying(
    () => jobs.call('createDiarizationJob', request, options),
    (delayMs) => pause(delayMs, signal),
  );
}
