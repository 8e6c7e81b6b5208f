import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { natsServerPath } from '@avd/messaging/testing';
import { silentLogger } from '@avd/telemetry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApiBench, RTTM_TEXT, type ApiBench } from '../api/testing/api-bench.js';
import { MEDIA } from '../api/testing/job-fixtures.js';
import { fileRecording } from './recording.js';
import { startHttp, type HttpServer } from './start-http.js';

const RECORDING = 'the bytes of the recording';
const NASTY = '"><script>alert(1)<b>';

describe.skipIf(natsServerPath() === undefined)('HTTP (needs nats-server)', () => {
  let bench: ApiBench;
  let server: HttpServer;
  let folder: string;
  let isHealthy = true;
  let openFiles = 0;

  beforeAll(async () => {
    bench = await openApiBench();
    folder = await mkdtemp(path.join(tmpdir(), 'avd-http-'));
    await writeFile(path.join(folder, 'done-1'), RECORDING);
    server = await startHttp({
      address: { host: '127.0.0.1', port: 0 },
      logger: silentLogger,
      ...{ jobs: bench.jobs, live: bench.live, blobs: bench.blobs },
      isHealthy: () => isHealthy,
      openRecording: async ({ id }) => {
        if (id === 'denied') throw new AvdError('permissionDenied', 'NO', 'Not to be read.');
        openFiles += 1;
        return fileRecording({
          path: path.join(folder, id),
          [Symbol.asyncDispose]: async () => {
            openFiles -= 1;
          },
        });
      },
    });
    await bench.addFinished({ id: 'done-1' });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const get = (where: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${server.port}${where}`, { redirect: 'manual', ...init });
  /** Without the clean-up of the path that fetch does. */
  const rawStatus = (where: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const call = request({ port: server.port, host: '127.0.0.1', path: where }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.once('error', reject);
      call.end();
    });

  it('tells whether it is healthy', async () => {
    expect((await get('/healthz')).status).toBe(200);
    isHealthy = false;
    expect((await get('/healthz')).status).toBe(503);
    isHealthy = true;
  });

  it('lists the jobs with every name escaped, and no script at all', async () => {
    await bench.add({ id: 'nasty', fileName: `${NASTY}.mp4`, state: 'running' });
    const response = await get('/jobs');
    const html = await response.text();
    expect(html).toContain('/jobs/done-1');
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).not.toContain(NASTY);
    expect(response.headers.get('content-security-policy')).not.toContain('script-src');
    const page = await (await get('/jobs/nasty')).text();
    expect(page).not.toContain(NASTY);
    expect((await get('/')).headers.get('location')).toBe('/jobs');
  });

  it('shows a job that runs, and tells its changes until it has ended', async () => {
    await bench.add({ id: 'run-1', state: 'running', media: MEDIA });
    const response = await get('/jobs/run-1');
    const html = await response.text();
    expect(html).toContain('data-events="/jobs/run-1/events"');
    expect(html).toContain('detectFaces');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toMatch(/script-src 'sha256-[^']+'; connect-src 'self'/);
    const events = await get('/jobs/run-1/events');
    expect(events.headers.get('content-type')).toBe('text/event-stream');
    await bench.jobs.update('run-1', (record) => ({ ...record, state: 'succeeded' }));
    const told = (await events.text()).trim().split('\n\n');
    const views = told.map((text) => JSON.parse(text.replace(/^data: /, '')) as object);
    expect(views.at(-1)).toMatchObject({ state: 'succeeded', hasEnded: true, fraction: 1 });
  });

  it('tells that a job is gone', async () => {
    await bench.add({ id: 'gone-1' });
    const events = await get('/jobs/gone-1/events');
    const reader = events.body!.getReader();
    await reader.read();
    await bench.jobs.delete('gone-1');
    const { value } = (await reader.read()) as { value: Uint8Array };
    expect(Buffer.from(value).toString()).toContain('event: gone');
  });

  it('shows the report of a finished job, with its recording', async () => {
    const response = await get('/jobs/done-1');
    const html = await response.text();
    expect(html).toContain('id="report-data"');
    expect(html).toContain('"href":"done-1/media"');
    expect(html).not.toContain('<b>Nothing</b>');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('shows the report that the job has written, where there is one', async () => {
    const ready = await bench.blobs.put(Buffer.from('<p>ready</p>'), 'text/html');
    await bench.addFinished({ id: 'done-2', files: { 'report.html': ready } });
    expect(await (await get('/jobs/done-2')).text()).toBe('<p>ready</p>');
  });

  it('sends the recording whole and in parts', async () => {
    const whole = await get('/jobs/done-1/media');
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-type')).toBe('video/mp4');
    expect(await whole.text()).toBe(RECORDING);
    const part = await get('/jobs/done-1/media', { headers: { Range: 'bytes=4-8' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(`bytes 4-8/${RECORDING.length}`);
    expect(await part.text()).toBe('bytes');
    const beyond = await get('/jobs/done-1/media', { headers: { Range: 'bytes=100-' } });
    expect(beyond.status).toBe(416);
    const head = await get('/jobs/done-1/media', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(RECORDING.length));
    expect(openFiles).toBe(0);
  });

  it('says why a recording cannot be sent', async () => {
    await bench.add({ id: 'denied' });
    expect((await get('/jobs/denied/media')).status).toBe(403);
    await bench.add({ id: 'lost' });
    const response = await get('/jobs/lost/media');
    expect(response.status).toBe(404);
    expect(openFiles).toBe(0);
  });

  it('never sends a recording as a page', async () => {
    await writeFile(path.join(folder, 'page-1'), '<script>1</script>');
    await bench.add({ id: 'page-1', fileName: 'page.html' });
    const response = await get('/jobs/page-1/media');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    await response.text();
  });

  it('sends the files of a job and nothing else', async () => {
    const response = await get('/jobs/done-1/files/result.rttm');
    expect(await response.text()).toBe(RTTM_TEXT);
    expect(response.headers.get('content-disposition')).toContain('result.rttm');
    for (const where of [
      '/jobs/done-1/files/toString',
      '/jobs/done-1/files/__proto__',
      '/jobs/done-1/files/../../../../etc/passwd',
      '/jobs/done-1/files/..%2f..%2fetc%2fpasswd',
      '/jobs/done-1/files/%zz',
      '/jobs/..%2f/media',
      '/jobs/done-1/media/x',
      '/jobs/nobody',
      '/etc/passwd',
      '//etc/passwd',
    ]) {
      expect(await rawStatus(where), where).toBe(404);
    }
  });

  it('takes no other method', async () => {
    expect((await get('/jobs', { method: 'POST' })).status).toBe(405);
  });

  it('ends open event streams when it stops', async () => {
    const other = await startHttp({
      address: { host: '127.0.0.1', port: 0 },
      logger: silentLogger,
      ...{ jobs: bench.jobs, live: bench.live, blobs: bench.blobs },
      openRecording: () => Promise.reject(new Error('not asked for')),
    });
    await bench.add({ id: 'open-end' });
    const events = await fetch(`http://127.0.0.1:${other.port}/jobs/open-end/events`);
    const reader = events.body!.getReader();
    await reader.read();
    await other[Symbol.asyncDispose]();
    await expect(reader.read()).rejects.toThrow();
    await expect(
      startHttp({
        address: { host: '127.0.0.1', port: server.port },
        logger: silentLogger,
        ...{ jobs: bench.jobs, live: bench.live, blobs: bench.blobs },
        openRecording: () => Promise.reject(new Error('not asked for')),
      }),
    ).rejects.toMatchObject({ reason: 'ADDRESS_IN_USE' });
  });
});
