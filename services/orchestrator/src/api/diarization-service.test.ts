import { diarizationV1 } from '@avd/contracts';
import { AvdError, DIARIZATION_FORMATS } from '@avd/domain';
import { natsServerPath } from '@avd/messaging/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followJob } from './follow-job.js';
import { openApiBench, RTTM_TEXT, type ApiBench } from './testing/api-bench.js';
import { DOCUMENT, MEDIA } from './testing/job-fixtures.js';

const { CreateDiarizationJobRequest, DiarizationJob_State: State } = diarizationV1;
const REQUEST_ID = '0b9c1b52-37a2-4b60-9a57-6f0b4d1f8a11';

const uriJob = (changes: object = {}) => ({
  diarizationJob: {
    source: { $case: 'uri', value: 'https://media.example.org/a/talk%20one.mp4' },
    ...changes,
  },
});

async function errorOf(run: Promise<unknown>): Promise<AvdError> {
  try {
    await run;
  } catch (error) {
    if (error instanceof AvdError) return error;
    throw error;
  }
  throw new Error('The call did not fail.');
}

describe.skipIf(natsServerPath() === undefined)('DiarizationService (needs nats-server)', () => {
  let bench: ApiBench;
  beforeAll(async () => {
    bench = await openApiBench();
  });
  afterAll(async () => bench[Symbol.asyncDispose]());

  const create = (request: object): Promise<diarizationV1.DiarizationJob> =>
    bench.client.call('createDiarizationJob', CreateDiarizationJobRequest.fromPartial(request));
  const list = (filter: string, pageToken = '', pageSize = 0) =>
    bench.client.call('listDiarizationJobs', { filter, pageToken, pageSize });
  const remove = (name: string, changes: object = {}) =>
    bench.client.call('deleteDiarizationJob', {
      ...{ name, force: false, allowMissing: false, etag: '' },
      ...changes,
    });
  const exportOf = async (name: string, format: diarizationV1.DiarizationFormat) => {
    const messages = [];
    for await (const message of bench.client.stream('exportDiarization', { name, format })) {
      messages.push(message);
    }
    const { mediaType, fileName } = messages[0]!;
    return { mediaType, fileName, text: Buffer.concat(messages.map((m) => m.data)).toString() };
  };

  describe('creating', () => {
    it('returns a queued job with every choice, a trace and a time to live filled in', async () => {
      const job = await create({
        ...uriJob({ config: { asd: 'lr-asd', maxSpeakers: 4 }, labels: { series: 'x' } }),
        diarizationJobId: 'talk-1',
      });
      expect(job).toMatchObject({
        name: 'diarizationJobs/talk-1',
        recording: 'talk_one',
        state: State.QUEUED,
        labels: { series: 'x' },
        progress: { fraction: 0, steps: [] },
        config: {
          profile: 'lite',
          asd: 'lr-asd',
          vad: 'silero',
          maxSpeakers: 4,
          chunkFrames: 1500,
        },
      });
      expect(job.traceId).toMatch(/^[0-9a-f]{32}$/);
      const lifeMs = (job.expiration!.value as Date).getTime() - job.createTime!.getTime();
      expect(lifeMs).toBe(3_600_000);
    });

    it('counts the time to live from the creation', async () => {
      const job = await create(
        uriJob({ expiration: { $case: 'ttl', value: { seconds: 60, nanos: 0 } } }),
      );
      const lifeMs = (job.expiration!.value as Date).getTime() - job.createTime!.getTime();
      expect(lifeMs).toBe(60_000);
    });

    it('returns the same job for the same request id, however often and at the same time', async () => {
      const request = { ...uriJob({ labels: { same: '1' } }), requestId: REQUEST_ID };
      const made = await Promise.all([create(request), create(request), create(request)]);
      const again = await create(request);
      expect(new Set([...made, again].map(({ name }) => name)).size).toBe(1);
      expect((await list('labels.same=1')).diarizationJobs).toHaveLength(1);
      const error = await errorOf(create({ ...uriJob(), requestId: REQUEST_ID }));
      expect(error).toMatchObject({ kind: 'invalidInput', reason: 'REQUEST_ID_REUSED' });
    });

    it('refuses a chosen id that another request has used, with and without request ids', async () => {
      const request = { ...uriJob(), diarizationJobId: 'taken-id' };
      await create({ ...request, requestId: '0b9c1b52-37a2-4b60-9a57-6f0b4d1f8a12' });
      for (const requestId of ['', '0b9c1b52-37a2-4b60-9a57-6f0b4d1f8a13']) {
        const error = await errorOf(create({ ...request, requestId }));
        expect(error.reason).toBe('ALREADY_EXISTS');
      }
    });

    it('takes uploaded media by name and refuses others', async () => {
      const blob = await bench.blobs.put(Buffer.from('film'), 'video/mp4');
      const media = { blob, fileName: 'My film.mp4', contentType: 'video/mp4', createTime: '' };
      await bench.catalogue.put(media);
      const source = { $case: 'media', value: `media/${blob.sha256}` };
      const job = await create({ diarizationJob: { source } });
      expect(job.source).toEqual(source);
      expect(job.recording).toBe('My_film');
      const other = { $case: 'media', value: `media/${'0'.repeat(64)}` };
      const error = await errorOf(create({ diarizationJob: { source: other } }));
      expect(error).toMatchObject({ kind: 'notFound', reason: 'MEDIA_NOT_FOUND' });
    });

    it.each([
      [{}, 'diarization_job'],
      [{ diarizationJob: {} }, 'diarization_job.source'],
      [
        { diarizationJob: { source: { $case: 'uri', value: '/etc/passwd' } } },
        'diarization_job.uri',
      ],
      [
        { diarizationJob: { source: { $case: 'uri', value: 'blob:sha256/ab' } } },
        'diarization_job.uri',
      ],
      [
        { diarizationJob: { source: { $case: 'media', value: 'media/../x' } } },
        'diarization_job.media',
      ],
      [uriJob({ config: { asd: 'magic' } }), 'diarization_job.config.asd'],
      [uriJob({ config: { chunkFrames: 0 } }), 'diarization_job.config.chunk_frames'],
      [uriJob({ recording: 'two words' }), 'diarization_job.recording'],
      [uriJob({ labels: { a: 'x'.repeat(64) } }), 'diarization_job.labels'],
      [
        uriJob({ expiration: { $case: 'ttl', value: { seconds: 0, nanos: 0 } } }),
        'diarization_job.ttl',
      ],
      [
        uriJob({ expiration: { $case: 'expireTime', value: new Date(0) } }),
        'diarization_job.expire_time',
      ],
      [{ ...uriJob(), diarizationJobId: 'Bad' }, 'diarization_job_id'],
      [{ ...uriJob(), diarizationJobId: 'bad-' }, 'diarization_job_id'],
      [{ ...uriJob(), requestId: 'x' }, 'request_id'],
    ])('names the wrong field of %j', async (request, field) => {
      const error = await errorOf(create(request));
      expect(error).toMatchObject({ reason: 'INVALID_FIELD', details: { field } });
    });

    it('refuses choices that contradict each other', async () => {
      const error = await errorOf(create(uriJob({ config: { minSpeakers: 3, maxSpeakers: 2 } })));
      expect(error.reason).toBe('CONTRADICTING_OPTIONS');
    });
  });

  describe('listing', () => {
    it('gives every job once, newest first, page by page', async () => {
      for (let i = 0; i < 7; i++) {
        await bench.add({
          id: `page-${9 - i}`,
          createTime: `2026-11-22T10:00:0${i >> 1}.000Z`,
          labels: { page: 'yes' },
        });
      }
      const names: string[] = [];
      let token = '';
      do {
        const page = await list('labels.page=yes', token, 3);
        names.push(...page.diarizationJobs.map(({ name }) => name));
        token = page.nextPageToken;
      } while (token !== '');
      expect(names).toEqual(
        [3, 5, 4, 7, 6, 9, 8].map((number) => `diarizationJobs/page-${number}`),
      );
    });

    it('joins conditions', async () => {
      await bench.add({ id: 'both-1', labels: { join: 'a' }, state: 'failed' });
      await bench.add({ id: 'both-2', labels: { join: 'a' } });
      const page = await list('state=FAILED AND labels.join=a');
      expect(page.diarizationJobs.map(({ name }) => name)).toEqual(['diarizationJobs/both-1']);
    });

    it('refuses the token of another filter, damaged tokens, bad filters and sizes', async () => {
      await bench.add({ id: 'token-1', labels: { token: 'a' } });
      await bench.add({ id: 'token-2', labels: { token: 'a' } });
      const { nextPageToken } = await list('labels.token=a', '', 1);
      for (const [filter, token] of [
        ['', nextPageToken],
        ['labels.token=a', `${nextPageToken}x`],
        ['labels.token=a', 'x'],
      ] as const) {
        expect((await errorOf(list(filter, token))).reason).toBe('BAD_PAGE_TOKEN');
      }
      for (const filter of ['state=BUSY', 'name=x', 'labels.=x', 'state']) {
        expect((await errorOf(list(filter))).details).toMatchObject({ field: 'filter' });
      }
      expect((await errorOf(list('', '', -1))).details).toMatchObject({ field: 'page_size' });
    });
  });

  describe('getting, stopping and removing', () => {
    it('stops a job, and leaves one that has ended as it is', async () => {
      await bench.add({ id: 'stop-me' });
      const request = { name: 'diarizationJobs/stop-me', requestId: '' };
      const stopped = await bench.client.call('cancelDiarizationJob', request);
      expect(stopped.state).toBe(State.CANCELLED);
      expect(await bench.client.call('cancelDiarizationJob', request)).toEqual(stopped);
    });

    it('removes an ended job, and another only by force', async () => {
      const name = 'diarizationJobs/remove-me';
      await bench.add({ id: 'remove-me' });
      expect((await errorOf(remove(name))).reason).toBe('JOB_NOT_ENDED');
      expect((await errorOf(remove(name, { force: true, etag: '0' }))).reason).toBe(
        'ETAG_MISMATCH',
      );
      const { etag } = await bench.client.call('getDiarizationJob', { name });
      await remove(name, { force: true, etag });
      expect((await errorOf(remove(name))).reason).toBe('JOB_NOT_FOUND');
      await remove(name, { allowMissing: true });
      const error = await errorOf(bench.client.call('getDiarizationJob', { name }));
      expect(error).toMatchObject({ kind: 'notFound', reason: 'JOB_NOT_FOUND' });
    });

    it('refuses names that are none', async () => {
      const name = 'diarizationJobs/a/../b';
      const error = await errorOf(bench.client.call('getDiarizationJob', { name }));
      expect(error).toMatchObject({ reason: 'INVALID_FIELD', details: { field: 'name' } });
    });
  });

  describe('results', () => {
    it('tells turns, speakers and networks', async () => {
      await bench.addFinished({ id: 'done-1' });
      const name = 'diarizationJobs/done-1/diarization';
      const result = await bench.client.call('getDiarization', { name });
      expect(result).toMatchObject({
        name,
        recording: 'talk',
        speakers: [{ label: 'spk00' }, { label: 'spk01' }],
        models: [{ name: 'facemesh', sha256: 'cd'.repeat(32) }],
      });
      expect(result.turns[1]).toMatchObject({ speaker: 'spk01', confidence: 0.7 });
    });

    it('gives the files of the job byte for byte, and makes the other formats', async () => {
      await bench.addFinished({ id: 'done-2' });
      const name = 'diarizationJobs/done-2/diarization';
      const { DiarizationFormat: Format } = diarizationV1;
      expect(await exportOf(name, Format.RTTM)).toEqual({
        mediaType: 'text/plain',
        fileName: 'talk.rttm',
        text: RTTM_TEXT,
      });
      expect((await exportOf(name, Format.VIA)).text).toBe('{"project": {}}');
      expect(await exportOf(name, Format.JSON)).toEqual({
        mediaType: 'application/json',
        fileName: 'talk.diarization.json',
        text: `${JSON.stringify(DOCUMENT, undefined, 1)}\n`,
      });
      for (const format of DIARIZATION_FORMATS.filter((each) => each.name !== 'rttm')) {
        const key = format.name.toUpperCase() as 'VTT';
        expect(await exportOf(name, Format[key])).toEqual({
          mediaType: format.mediaType,
          fileName: `talk${format.extension}`,
          text: format.write(DOCUMENT),
        });
      }
      const error = await errorOf(exportOf(name, Format.UNSPECIFIED));
      expect(error.details).toMatchObject({ field: 'format' });
    });

    it('has none before the job has succeeded', async () => {
      await bench.add({ id: 'no-result', state: 'running' });
      const name = 'diarizationJobs/no-result/diarization';
      const error = await errorOf(bench.client.call('getDiarization', { name }));
      expect(error).toMatchObject({ kind: 'precondition', reason: 'NO_RESULT' });
      const { RTTM } = diarizationV1.DiarizationFormat;
      expect((await errorOf(exportOf(name, RTTM))).reason).toBe('NO_RESULT');
    });
  });

  describe('following', () => {
    const watch = (id: string, resumeToken = '') =>
      bench.client.stream('watchDiarizationJob', {
        name: `diarizationJobs/${id}`,
        resumeToken,
      });
    const next = async (
      stream: AsyncGenerator<diarizationV1.WatchDiarizationJobResponse, void>,
    ) => {
      const { value } = await stream.next();
      if (value?.update?.$case !== 'diarizationJob') throw new Error('no job');
      return { job: value.update.value, resumeToken: value.resumeToken };
    };

    it('ends when the server begins to stop, so that the follower goes on with another', async () => {
      await bench.add({ id: 'watch-drained' });
      const draining = new AbortController();
      const deps = { jobs: bench.jobs, live: bench.live, draining: draining.signal };
      const { signal } = new AbortController();
      const updates = followJob('watch-drained', deps, { signal });
      expect((await updates.next()).value).toMatchObject({ kind: 'job' });
      const waiting = updates.next();
      draining.abort(new AvdError('unavailable', 'SERVER_STOPPING', 'Stopping.'));
      await expect(waiting).rejects.toMatchObject({ reason: 'SERVER_STOPPING' });
    });

    it('tells changes and live progress until the job has ended', async () => {
      await bench.add({ id: 'watch-1' });
      const stream = watch('watch-1');
      expect((await next(stream)).job.state).toBe(State.QUEUED);
      await bench.jobs.update('watch-1', (record) => ({
        ...record,
        state: 'running',
        media: MEDIA,
        progress: {
          steps: { detectFaces: { startedCount: 1, doneCount: 0 } },
          inFlight: [{ step: 'detectFaces', index: 0 }],
        },
      }));
      const running = await next(stream);
      expect(running.job.state).toBe(State.RUNNING);
      bench.tellProgress('watch-1', 'detectFaces', 0, { done: 25, total: 50, unit: 'frames' });
      const moved = await next(stream);
      expect(moved.job.progress!.fraction).toBeGreaterThan(running.job.progress!.fraction);
      const step = moved.job.progress!.steps.find((each) => each.step === 'detectFaces');
      expect(step).toMatchObject({ done: 25, total: 200, unit: 'frames', totalTasks: 4 });
      await bench.jobs.update('watch-1', (record) => ({
        ...record,
        state: 'failed',
        progress: { ...record.progress, inFlight: [] },
      }));
      const failed = await next(stream);
      expect(failed.job.state).toBe(State.FAILED);
      expect(failed.job.progress!.fraction).toBe(moved.job.progress!.fraction);
      expect((await stream.next()).done).toBe(true);
    });

    it('goes on after the token, and ends at once when nothing can come any more', async () => {
      await bench.add({ id: 'watch-2' });
      const first = watch('watch-2');
      const { resumeToken } = await next(first);
      await first.return();
      const resumed = watch('watch-2', resumeToken);
      const coming = next(resumed);
      await bench.jobs.update('watch-2', (record) => ({ ...record, state: 'cancelled' }));
      const last = await coming;
      expect(last.job.state).toBe(State.CANCELLED);
      expect((await resumed.next()).done).toBe(true);
      expect((await watch('watch-2', last.resumeToken).next()).done).toBe(true);
      for (const strange of ['x', '999999999']) {
        expect((await next(watch('watch-2', strange))).job.state).toBe(State.CANCELLED);
      }
    });

    it('tells that the job was removed', async () => {
      await bench.add({ id: 'watch-3' });
      const stream = watch('watch-3');
      await next(stream);
      const end = errorOf(stream.next());
      await remove('diarizationJobs/watch-3', { force: true });
      expect((await end).reason).toBe('JOB_NOT_FOUND');
      expect((await errorOf(watch('watch-3').next())).reason).toBe('JOB_NOT_FOUND');
    });
  });
});

describe.skipIf(natsServerPath() === undefined)('limits of DiarizationService', () => {
  it('refuses jobs while too many wait, and takes them when there is room again', async () => {
    await using bench = await openApiBench({ maxQueuedJobs: 2 });
    const create = (): Promise<diarizationV1.DiarizationJob> =>
      bench.client.call(
        'createDiarizationJob',
        CreateDiarizationJobRequest.fromPartial(uriJob() as object),
      );
    const { name } = await create();
    await create();
    const error = await errorOf(create());
    expect(error).toMatchObject({ kind: 'resourceExhausted', reason: 'TOO_MANY_JOBS' });
    expect(error.retryable).toBe(true);
    await bench.client.call('cancelDiarizationJob', { name, requestId: '' });
    await create();
  });

  it('sends a heartbeat when nothing happens', async () => {
    await using bench = await openApiBench({ heartbeatMs: 30 });
    await bench.add({ id: 'quiet' });
    const stream = bench.client.stream('watchDiarizationJob', {
      name: 'diarizationJobs/quiet',
      resumeToken: '',
    });
    const first = (await stream.next()).value!;
    const second = (await stream.next()).value!;
    expect(second.update?.$case).toBe('heartbeat');
    expect(second.resumeToken).toBe(first.resumeToken);
    await stream.return();
  });
});
