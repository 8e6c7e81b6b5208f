import { createHash } from 'node:crypto';
import { descriptorImage, diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { clientStream, serverStream, startRpcServer, unary } from '@avd/rpc';

const { DiarizationJob, DiarizationJob_State: State, DiarizationFormat } = diarizationV1;
type Job = diarizationV1.DiarizationJob;

/** A server that does no work: jobs go the way that a test wrote for them. */
export interface FakeOrchestrator extends AsyncDisposable {
  /** HOST:PORT. */
  readonly server: string;
  /** What was asked for, in order. */
  readonly created: diarizationV1.CreateDiarizationJobRequest[];
  readonly jobs: Map<string, Job>;
  /**
   * Snapshots that a watcher gets; `break` cuts the stream once, and it then goes on after that place; `wait` holds it
   * until `goOn`.
   */
  script: (Partial<Job> | 'break' | 'wait')[];
  goOn: () => void;
  /** Files of every result. */
  readonly files: Readonly<Record<number, string>>;
  /** Bytes of finished uploads, and how many times a stream of one began. */
  readonly uploads: Map<string, { bytes: Buffer; streams: number }>;
  /** Bytes after which the first stream of an upload breaks. */
  breakUploadAfterBytes: number | undefined;
  /** Errors of the next calls that create a job. */
  readonly refusals: AvdError[];
}

export const resultDocument = {
  ...{ schema: 'avd/diarization/1', recording: 'talk', durationSec: 12 },
  turns: [{ startSec: 0, endSec: 3, speaker: 'spk00', confidence: 1, evidence: {} }],
  speakers: [{ label: 'spk00', trackIndexes: [0], talkTimeSec: 3, turnCount: 1 }],
  ...{ notices: [], shots: [], tracks: [], settings: { profile: 'lite' } },
};

const FILES = {
  [DiarizationFormat.RTTM]: 'SPEAKER talk 1 0.000 3.000 <NA> <NA> spk00 <NA> <NA>\n',
  [DiarizationFormat.VIA]: '{"project":"via ü"}\n',
  [DiarizationFormat.JSON]: `${JSON.stringify(resultDocument)}\n`,
};

export async function startFakeOrchestrator(): Promise<FakeOrchestrator> {
  let cuts = 0;
  const need = (name: string): Job => {
    const job = fake.jobs.get(name);
    if (job !== undefined) return job;
    throw new AvdError('notFound', 'JOB_NOT_FOUND', `There is no job ${name}.`);
  };
  const jobHandlers = {
    createDiarizationJob: unary((request: diarizationV1.CreateDiarizationJobRequest): Job => {
      const refusal = fake.refusals.shift();
      if (refusal !== undefined) throw refusal;
      fake.created.push(request);
      const id = request.diarizationJobId === '' ? 'job-1' : request.diarizationJobId;
      const name = `diarizationJobs/${id}`;
      const job = DiarizationJob.fromPartial({
        ...request.diarizationJob,
        ...{ name, state: State.QUEUED, createTime: new Date(0) },
      });
      fake.jobs.set(name, job);
      return job;
    }),
    getDiarizationJob: unary(({ name }: diarizationV1.GetDiarizationJobRequest) => need(name)),
    listDiarizationJobs: unary((request: diarizationV1.ListDiarizationJobsRequest) => {
      const all = [...fake.jobs.values()].filter(
        ({ labels }) =>
          request.filter === '' || request.filter.includes(`labels.a=${labels['a'] ?? ''}`),
      );
      // Pages of two at most, so that clients have to turn them.
      const start = Number(request.pageToken);
      const end = start + Math.min(2, request.pageSize);
      const nextPageToken = end < all.length ? String(end) : '';
      return { diarizationJobs: all.slice(start, end), nextPageToken };
    }),
    cancelDiarizationJob: unary(({ name }: diarizationV1.CancelDiarizationJobRequest): Job => {
      const job = { ...need(name), state: State.CANCELLING };
      fake.jobs.set(name, job);
      return job;
    }),
    watchDiarizationJob: serverStream(async function* (
      { name, resumeToken }: diarizationV1.WatchDiarizationJobRequest,
      { signal },
    ): AsyncGenerator<diarizationV1.WatchDiarizationJobResponse> {
      let job = need(name);
      for (let index = Number(resumeToken); index < fake.script.length; index++) {
        const next = fake.script[index]!;
        if (next === 'wait') {
          await new Promise<void>((resolve) => {
            fake.goOn = resolve;
            signal.addEventListener('abort', () => resolve());
          });
        } else if (next === 'break') {
          if (cuts++ > 0) continue;
          throw new AvdError('unavailable', 'SERVER_STOPPING', 'The server is stopping.');
        } else {
          job = { ...job, ...next };
          fake.jobs.set(name, job);
          const update = { $case: 'diarizationJob', value: job } as const;
          yield { update, resumeToken: String(index + 1) };
          yield { update: { $case: 'heartbeat', value: {} }, resumeToken: '' };
        }
      }
    }),
    exportDiarization: serverStream(async function* ({
      name,
      format,
    }: diarizationV1.ExportDiarizationRequest): AsyncGenerator<diarizationV1.ExportDiarizationResponse> {
      const { state } = need(name.replace(/\/diarization$/, ''));
      if (state !== State.SUCCEEDED) throw new AvdError('precondition', 'NO_RESULT', 'No result.');
      const bytes = Buffer.from(fake.files[format] ?? '');
      for (let start = 0; start < bytes.length; start += 7) {
        const first = { mediaType: start === 0 ? 'text/plain' : '', fileName: '' };
        yield { ...first, data: bytes.subarray(start, start + 7) };
      }
    }),
  };
  const mediaHandlers = {
    getUpload: unary(({ name }: diarizationV1.GetUploadRequest) => {
      const upload = fake.uploads.get(name);
      if (upload !== undefined) return toUpload(name, upload.bytes, false);
      throw new AvdError('notFound', 'UPLOAD_NOT_FOUND', `There is no upload ${name}.`);
    }),
    uploadMedia: clientStream(async (requests: AsyncIterable<diarizationV1.UploadMediaRequest>) => {
      let name = '';
      for await (const { data, writeOffset, finish } of requests) {
        if (data?.$case === 'spec') {
          name = `uploads/${data.value.requestId}`;
          const old = fake.uploads.get(name) ?? { bytes: Buffer.alloc(0), streams: 0 };
          fake.uploads.set(name, { ...old, streams: old.streams + 1 });
          continue;
        }
        const upload = fake.uploads.get(name)!;
        if (writeOffset !== upload.bytes.length) throw new Error('A piece at the wrong place.');
        upload.bytes = Buffer.concat([upload.bytes, data?.value ?? Buffer.alloc(0)]);
        const limit = fake.breakUploadAfterBytes ?? Infinity;
        if (upload.streams === 1 && upload.bytes.length >= limit) {
          throw new AvdError('unavailable', 'SERVER_STOPPING', 'The server is stopping.');
        }
        if (finish) break;
      }
      return toUpload(name, fake.uploads.get(name)!.bytes, true);
    }),
  };
  const server = await startRpcServer({
    address: '127.0.0.1:0',
    services: [
      { definition: diarizationV1.DiarizationServiceService, implementation: jobHandlers },
      { definition: diarizationV1.MediaServiceService, implementation: mediaHandlers },
    ],
    descriptorImage: descriptorImage(),
    health: { isServingAtStart: true },
  });
  const fake: FakeOrchestrator = {
    server: `127.0.0.1:${server.port}`,
    ...{ created: [], jobs: new Map<string, Job>(), script: [], files: FILES },
    goOn: () => undefined,
    ...{ uploads: new Map<string, { bytes: Buffer; streams: number }>() },
    ...{ breakUploadAfterBytes: undefined, refusals: [] },
    [Symbol.asyncDispose]: () => server.shutdown(0),
  };
  return fake;
}

function toUpload(name: string, bytes: Buffer, isComplete: boolean): diarizationV1.Upload {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const media = { name: `media/${sha256}`, sizeBytes: bytes.length, sha256 };
  return diarizationV1.Upload.fromPartial({
    ...{ name, committedSizeBytes: bytes.length },
    ...(isComplete && { media }),
  });
}
