import type { diarizationV1 } from '@avd/contracts';
import { clientStream, unary } from '@avd/rpc';
import type { BlobStore } from '@avd/stage-kit';
import { allJobs } from '../api/all-jobs.js';
import { invalidField } from '../api/api-errors.js';
import { checkUuid } from '../api/names.js';
import { isFinal } from '../job/job-record.js';
import type { Jobs } from '../job/jobs.js';
import type { MediaCatalogue, UploadedMedia } from './media-catalogue.js';
import { isSha256, mediaName, parseMediaName } from './media-names.js';
import { mediaNotFound, mediaTooLarge } from './upload-errors.js';
import { committedBytes, type UploadRecord, type UploadSpec } from './upload-record.js';
import type { UploadSession } from './upload-session.js';
import { expireTimeOf, type Uploads } from './uploads.js';

export interface MediaServiceDeps {
  readonly uploads: Uploads;
  readonly catalogue: MediaCatalogue;
  readonly blobs: BlobStore;
  readonly jobs: Jobs;
  readonly maxUploadBytes: number;
}

const UPLOAD_PREFIX = 'uploads/';
const MAX_FILE_NAME_CHARS = 255;

/** Handlers of `avdiarization.v1.MediaService`. */
export function mediaHandlers(deps: MediaServiceDeps): diarizationV1.MediaServiceServer {
  return {
    uploadMedia: clientStream(
      (requests: AsyncIterable<diarizationV1.UploadMediaRequest>, { signal }) =>
        receive(requests, deps, signal),
    ),
    getUpload: unary(async ({ name }: diarizationV1.GetUploadRequest) => {
      const requestId = name.startsWith(UPLOAD_PREFIX) ? name.slice(UPLOAD_PREFIX.length) : '';
      if (requestId === '') throw invalidField('name', 'must be uploads/{request_id}');
      checkUuid(requestId, 'name');
      return uploadToProto(await deps.uploads.need(requestId));
    }),
    deleteMedia: unary((request: diarizationV1.DeleteMediaRequest) => deleteMedia(request, deps)),
  };
}

async function receive(
  requests: AsyncIterable<diarizationV1.UploadMediaRequest>,
  { uploads, maxUploadBytes }: MediaServiceDeps,
  signal: AbortSignal,
): Promise<diarizationV1.Upload> {
  let session: UploadSession | undefined;
  let isFinished = false;
  try {
    for await (const { data, writeOffset, finish } of requests) {
      if (session === undefined) {
        if (data?.$case !== 'spec') throw invalidField('spec', 'must come first');
        const { requestId, spec } = checkSpec(data.value, maxUploadBytes);
        const stored = await uploads.begin(requestId, spec);
        if (stored.record.media !== undefined) return uploadToProto(stored.record);
        session = await uploads.open(stored, signal);
      } else {
        if (data?.$case === 'spec') throw invalidField('spec', 'must come once, and first');
        await session.add(data?.value ?? new Uint8Array(0), writeOffset, signal);
      }
      isFinished = finish;
      if (finish) break;
    }
    if (session === undefined) throw invalidField('spec', 'must be given');
    await session.flush(signal);
  } catch (error) {
    // What has come is kept, whatever broke the stream off; that it did is the news, not a failure to keep it.
    await session?.flush().catch(() => undefined);
    throw error;
  }
  const { record } = session.upload;
  return uploadToProto(isFinished ? await uploads.finish(record.requestId, signal) : record);
}

function checkSpec(
  message: diarizationV1.UploadSpec,
  maxUploadBytes: number,
): { readonly requestId: string; readonly spec: UploadSpec } {
  const { requestId, fileName, contentType, sizeBytes, sha256 } = message;
  checkUuid(requestId, 'spec.request_id');
  const isName = fileName.trim() !== '' && fileName !== '.' && fileName !== '..';
  if (!isName || fileName.length > MAX_FILE_NAME_CHARS || /[/\\\p{Cc}]/u.test(fileName)) {
    throw invalidField('spec.file_name', 'must be a file name without folders');
  }
  if (!/^[\w!#$&^.+;= /"-]{0,127}$/.test(contentType)) {
    throw invalidField('spec.content_type', 'must be a MIME type');
  }
  if (sizeBytes < 0) throw invalidField('spec.size_bytes', 'must not be below 0');
  if (sizeBytes > maxUploadBytes) throw mediaTooLarge(maxUploadBytes);
  if (sha256 !== '' && !isSha256(sha256)) {
    throw invalidField('spec.sha256', 'must be 64 lower-case hex digits');
  }
  return { requestId, spec: { fileName, contentType, sizeBytes, sha256 } };
}

async function deleteMedia(
  { name, allowMissing }: diarizationV1.DeleteMediaRequest,
  { catalogue, blobs, jobs }: MediaServiceDeps,
): Promise<Record<string, never>> {
  const sha256 = parseMediaName(name, 'name');
  if ((await catalogue.get(sha256)) === undefined) {
    if (allowMissing) return {};
    throw mediaNotFound(name);
  }
  await catalogue.forget(sha256);
  if (!(await isUsed(sha256, jobs))) await blobs.delete(sha256);
  return {};
}

/** Whether a job still reads these bytes, or has them among its results: a copy of a result may have been uploaded. */
async function isUsed(sha256: string, jobs: Jobs): Promise<boolean> {
  return (await allJobs(jobs)).some(({ record }) => {
    const isSource = 'blob' in record.source && record.source.blob.sha256 === sha256;
    const isResult = Object.values(record.files ?? {}).some((file) => file.sha256 === sha256);
    return isResult || (isSource && !isFinal(record));
  });
}

function uploadToProto(record: UploadRecord): diarizationV1.Upload {
  const { requestId, media, createTime } = record;
  return {
    name: `${UPLOAD_PREFIX}${requestId}`,
    committedSizeBytes: committedBytes(record),
    media: media && mediaToProto(media),
    createTime: new Date(createTime),
    expireTime: media === undefined ? expireTimeOf(record) : undefined,
  };
}

function mediaToProto({
  blob,
  fileName,
  contentType,
  createTime,
}: UploadedMedia): diarizationV1.Media {
  return {
    name: mediaName(blob.sha256),
    fileName,
    contentType,
    sizeBytes: blob.sizeBytes,
    sha256: blob.sha256,
    createTime: new Date(createTime),
    expireTime: undefined,
  };
}
