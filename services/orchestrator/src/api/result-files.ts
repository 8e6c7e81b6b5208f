import type { DiarizationDocument } from '@avd/contracts';
import type { BlobRef, BlobStore } from '@avd/stage-kit';
import type { JobRecord } from '../job/job-record.js';
import { apiError } from './api-errors.js';

/** A file of a job's result. @throws AvdError precondition NO_RESULT */
export function resultFile({ id, state, files }: JobRecord, name: string): BlobRef {
  const ref = files !== undefined && Object.hasOwn(files, name) ? files[name] : undefined;
  if (state !== 'succeeded' || ref === undefined) {
    throw apiError(
      'precondition',
      'NO_RESULT',
      `The job ${id} has no result; it is ${state.toUpperCase()}.`,
      { job: id, state: state.toUpperCase() },
    );
  }
  return ref;
}

/** Content of diarization.json. @throws AvdError precondition NO_RESULT; those of the blob store */
export async function readDocument(
  record: JobRecord,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<DiarizationDocument> {
  const { sha256 } = resultFile(record, 'diarization.json');
  const text = Buffer.from(await blobs.get(sha256, signal)).toString('utf8');
  return JSON.parse(text) as DiarizationDocument;
}
