import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AvdError } from '@avd/domain';
import type { JobRecord } from '../job/job-record.js';

/** The recording of a job, as long as it is read. */
export interface OpenedRecording extends AsyncDisposable {
  readonly sizeBytes: number;
  /** Bytes [startByte, endByte). */
  read(startByte: number, endByte: number): AsyncIterable<Uint8Array>;
}

/** Opens the recording of this job and of no other. @throws AvdError notFound, permissionDenied, unavailable */
export type OpenRecording = (record: JobRecord, signal: AbortSignal) => Promise<OpenedRecording>;

/** A recording that lies in a file of this machine; disposing gives the file free. */
export async function fileRecording(
  file: AsyncDisposable & { readonly path: string },
): Promise<OpenedRecording> {
  try {
    const { size } = await stat(file.path);
    return {
      sizeBytes: size,
      read: (startByte, endByte) =>
        startByte >= endByte
          ? noBytes()
          : (createReadStream(file.path, {
              start: startByte,
              end: endByte - 1,
            }) as AsyncIterable<Buffer>),
      [Symbol.asyncDispose]: async () => file[Symbol.asyncDispose](),
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw AvdError.from(error);
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0);
}
