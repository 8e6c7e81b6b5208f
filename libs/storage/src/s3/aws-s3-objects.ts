import { createReadStream } from 'node:fs';
import type * as Aws from '@aws-sdk/client-s3';
import { abortable } from '../abortable.js';
import { throwIfCancelled } from '../blob-errors.js';
import { isS3Missing, s3Error } from './s3-errors.js';
import type { S3Body, S3BucketOptions, S3Objects, S3PutOptions } from './s3-objects.js';

const PART_BYTES = 8 << 20;
/** A limit of S3. */
const MAX_PARTS = 10_000;
const PARTS_AT_ONCE = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** Silence of the server after which a request has failed. */
const IDLE_TIMEOUT_MS = 60_000;

interface LoadedSdk {
  readonly client: Aws.S3Client;
  readonly commands: typeof Aws;
}

/** The SDK is large: it is loaded with the first call, so that a program that keeps its blobs elsewhere starts fast. */
async function loadSdk(options: S3BucketOptions): Promise<LoadedSdk> {
  const commands = await import('@aws-sdk/client-s3');
  const client = new commands.S3Client({
    region: options.region ?? process.env['AWS_REGION'] ?? 'us-east-1',
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    forcePathStyle: options.forcePathStyle ?? options.endpoint !== undefined,
    maxAttempts: options.maxAttempts ?? 3,
    retryMode: 'standard',
    // Servers other than AWS do not all know the newer checksums; we check SHA-256 ourselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
  });
  return { client, commands };
}

/** S3Objects through the AWS SDK; credentials come from its default chain (environment, files, role of the pod). */
export function awsS3Objects(options: S3BucketOptions): S3Objects {
  const { bucket } = options;
  let loading: Promise<LoadedSdk> | undefined;
  const sdk = (): Promise<LoadedSdk> => (loading ??= loadSdk(options));
  const abortOption = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
    signal === undefined ? {} : { abortSignal: signal };
  const paramsOf = (key: string, put: S3PutOptions): S3PutParams => ({
    Bucket: bucket,
    Key: key,
    ContentType: put.contentType,
    ...(put.metadata === undefined ? {} : { Metadata: { ...put.metadata } }),
  });
  /** Runs a call; undefined when what it asks for is not there. */
  const find = async <T>(
    signal: AbortSignal | undefined,
    run: () => Promise<T>,
  ): Promise<T | undefined> => {
    throwIfCancelled(signal);
    try {
      return await run();
    } catch (error) {
      if (signal?.aborted !== true && isS3Missing(error)) return undefined;
      throw s3Error(error, bucket, signal);
    }
  };

  return {
    async put(key, bytes, put, signal) {
      throwIfCancelled(signal);
      try {
        const { client, commands } = await sdk();
        const command = new commands.PutObjectCommand({ ...paramsOf(key, put), Body: bytes });
        await client.send(command, abortOption(signal));
      } catch (error) {
        throw s3Error(error, bucket, signal);
      }
    },
    async putFile(key, file, sizeBytes, put, signal) {
      throwIfCancelled(signal);
      const partSize = Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS));
      const { client } = await sdk();
      const { Upload } = await import('@aws-sdk/lib-storage');
      const body = createReadStream(file);
      const upload = new Upload({
        client,
        params: { ...paramsOf(key, put), Body: body },
        partSize,
        queueSize: PARTS_AT_ONCE,
        leavePartsOnError: false,
      });
      // Stopped, perhaps, while the SDK was loaded.
      throwIfCancelled(signal);
      const stop = (): void => void upload.abort().catch(() => undefined);
      signal?.addEventListener('abort', stop, { once: true });
      try {
        await upload.done();
      } catch (error) {
        throw s3Error(error, bucket, signal);
      } finally {
        signal?.removeEventListener('abort', stop);
        body.destroy();
      }
    },
    async head(key, signal) {
      const { client, commands } = await sdk();
      const command = new commands.HeadObjectCommand({ Bucket: bucket, Key: key });
      const answer = await find(signal, () => client.send(command, abortOption(signal)));
      if (answer === undefined) return undefined;
      const { ContentLength: sizeBytes = 0, Metadata: metadata = {}, ETag: etag } = answer;
      return { sizeBytes, metadata, etag };
    },
    async open(key, open = {}, signal) {
      const { startByte = 0, ifMatchEtag } = open;
      const { client, commands } = await sdk();
      const command = new commands.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(startByte === 0 ? {} : { Range: `bytes=${startByte}-` }),
        ...(ifMatchEtag === undefined ? {} : { IfMatch: ifMatchEtag }),
      });
      const answer = await find(signal, () => client.send(command, abortOption(signal)));
      if (answer?.Body === undefined) return undefined;
      const total = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
      return {
        pieces: mapErrors(answer.Body as AsyncIterable<Uint8Array>, bucket, signal),
        totalBytes: total === undefined ? answer.ContentLength : Number(total),
        etag: answer.ETag,
      } satisfies S3Body;
    },
    async delete(key) {
      const { client, commands } = await sdk();
      const command = new commands.DeleteObjectCommand({ Bucket: bucket, Key: key });
      await find(undefined, () => client.send(command));
    },
    async [Symbol.asyncDispose]() {
      (await loading)?.client.destroy();
    },
  };
}

interface S3PutParams {
  Bucket: string;
  Key: string;
  ContentType: string;
  Metadata?: Record<string, string>;
}

async function* mapErrors(
  body: AsyncIterable<Uint8Array>,
  bucket: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* abortable(body, signal);
  } catch (error) {
    throw s3Error(error, bucket, signal);
  }
}
