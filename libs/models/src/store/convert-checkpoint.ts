import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { AvdError } from '@avd/domain';
import type { ErrorKind } from '@avd/domain';
import type { GraphForm } from '../networks/index.js';
import type { ConvertedEntry } from './converted-file.js';

/** What a conversion thread is told. */
export interface ConversionJob {
  readonly entry: ConvertedEntry;
  /** Verified file of the entry. */
  readonly checkpointPath: string;
  readonly cacheDir: string;
  readonly form: GraphForm;
}

/** What it answers: the path of the ONNX file, or an AvdError taken apart. */
export type ConversionAnswer =
  | { readonly path: string }
  | {
      readonly kind: ErrorKind;
      readonly reason: string;
      readonly message: string;
      readonly details: Readonly<Record<string, string>>;
    };

/**
 * Makes and keeps the ONNX file of a checkpoint in a thread of its own: the largest ones take seconds, and a service must
 * stay answerable meanwhile.
 * @returns path of the ONNX file
 * @throws AvdError as checkpointToOnnx and keepConverted; kind `model` reason CONVERSION_CRASHED when the thread ends
 */
export async function convertCheckpoint(job: ConversionJob): Promise<string> {
  // By package name, so that tests that run the sources find the built worker as well.
  const script = createRequire(import.meta.url).resolve('@avd/models/worker');
  const worker = new Worker(script, { workerData: job });
  try {
    const answer = await new Promise<ConversionAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread ended with code ${code}`)));
    });
    if ('path' in answer) return answer.path;
    throw new AvdError(answer.kind, answer.reason, answer.message, { details: answer.details });
  } catch (error) {
    if (error instanceof AvdError) throw error;
    throw new AvdError(
      'model',
      'CONVERSION_CRASHED',
      `The conversion of ${job.checkpointPath} broke off; it may need more memory than there is.`,
      { cause: error },
    );
  } finally {
    await worker.terminate();
  }
}
