import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { toStatus } from '@avd/rpc';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect } from '../cluster/client/connect.js';
import { watchJob } from '../cluster/client/watch-job.js';
import {
  startFakeOrchestrator,
  type FakeOrchestrator,
} from '../cluster/testing/fake-orchestrator.js';
import { until } from '../cluster/testing/fake-system.js';
import { runCommand, type CommandRun } from '../cluster/testing/run-command.js';
import type { Command } from '../main.js';
import { cancelCommand } from './cancel.js';
import { getCommand } from './get.js';
import { listCommand } from './list.js';
import { submitCommand } from './submit.js';
import { watchCommand } from './watch.js';

const { DiarizationJob, DiarizationJob_State: State, DiarizationFormat } = diarizationV1;

let dir: string;
let fake: FakeOrchestrator;
let talk: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-server-commands-'));
  fake = await startFakeOrchestrator();
  talk = path.join(dir, 'my talk.mp4');
  await writeFile(talk, 'not looked at here');
  vi.stubEnv('AVD_SERVER', fake.server);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await fake[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

const step = (doneTasks: number, done: number) => ({
  ...{ step: 'detectFaces', stage: 'face-track', totalTasks: 2, doneTasks, reusedTasks: 0 },
  ...{ done, total: 300, unit: 'frames' },
});
const running = (doneTasks: number, done: number) => ({
  state: State.RUNNING,
  ...{ startTime: new Date(1000), updateTime: new Date(1000 + 10 * done) },
  progress: { fraction: 0.5, steps: [step(doneTasks, done)] },
});
const succeeded = { state: State.SUCCEEDED, endTime: new Date(5000) };
const failed = {
  state: State.FAILED,
  error: toStatus(new AvdError('media', 'DECODE_FAILED', 'The picture cannot be decoded.')),
};

async function addJob(
  id: string,
  more: Parameters<typeof DiarizationJob.fromPartial>[0] = {},
): Promise<void> {
  const name = `diarizationJobs/${id}`;
  const job = { name, source: { $case: 'uri', value: `file:///${id}.mp4` } as const, ...more };
  fake.jobs.set(name, DiarizationJob.fromPartial(job));
}

const jsonLines = ({ stdout }: CommandRun): Record<string, unknown>[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('avd submit', () => {
  it('gives a server on this machine the address of the file, and its choices only', async () => {
    const args = [
      talk,
      '--detach',
      '--num-speakers',
      '2',
      '--chunk-frames',
      '50',
      '--id',
      'talk-1',
    ];
    const run = await runCommand(submitCommand, [...args, '--label', 'a=b=c']);
    expect(run).toMatchObject({ exitCode: 0, stdout: 'talk-1\n' });
    expect(run.stderr).toContain('avd watch talk-1 follows it, avd cancel talk-1 stops it');
    expect(fake.created[0]).toMatchObject({
      diarizationJob: {
        source: { $case: 'uri', value: pathToFileURL(talk).href },
        config: { profile: '', vad: '', numSpeakers: 2, chunkFrames: 50 },
        labels: { a: 'b=c' },
      },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
  });

  it('follows the job with the display of diarize and writes the files byte for byte', async () => {
    fake.script = [{}, running(0, 100), running(1, 200), 'break', running(2, 300), succeeded];
    const outDir = path.join(dir, 'out');
    const run = await runCommand(submitCommand, [talk, '-o', outDir]);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toContain(
      'finding faces: 100 of 300 frames\nfinding faces: 200 of 300 frames',
    );
    expect(run.stderr).toMatch(/^finding faces: done in \d+\.\d s$/m);
    expect(run.stdout).toMatch(/^spk00 +yes +1 +0:03\.0 +100\.0 %$/m);
    expect(run.stdout).toContain(`4.0 s (3.0x real time); results in ${outDir}\n`);
    const files = {
      'result.rttm': DiarizationFormat.RTTM,
      'result.json': DiarizationFormat.VIA,
      'diarization.json': DiarizationFormat.JSON,
    };
    expect((await readdir(outDir)).sort()).toEqual(Object.keys(files).sort());
    for (const [file, format] of Object.entries(files)) {
      expect(await readFile(path.join(outDir, file), 'utf8')).toBe(fake.files[format]);
    }
  });

  it('tells a program everything as JSON lines', async () => {
    fake.script = [running(0, 100), running(2, 300), { ...succeeded, notices: ['No sound.'] }];
    const run = await runCommand(submitCommand, [talk, '--json', '-o', path.join(dir, 'out')]);
    expect(jsonLines(run)).toEqual([
      { type: 'job', job: 'diarizationJobs/job-1', state: 'QUEUED' },
      { type: 'progress', step: 'detectFaces', done: 100, total: 300, unit: 'frames' },
      { type: 'progress', step: 'detectFaces', done: 300, total: 300, unit: 'frames' },
      {
        type: 'step',
        step: 'detectFaces',
        tasks: 2,
        reused: 0,
        elapsedSec: expect.any(Number) as number,
      },
      { type: 'notice', message: 'No sound.' },
      expect.objectContaining({ type: 'summary', durationSec: 12, elapsedSec: 4 }),
    ]);
  });

  it('sends the file where the server cannot read it, and goes on where that broke', async () => {
    const bytes = randomBytes(3_000_000);
    await writeFile(talk, bytes);
    fake.breakUploadAfterBytes = 1_000_000;
    const args = [talk, '--upload', '--json', '--detach'];
    const run = await runCommand(submitCommand, args);
    expect(run.exitCode, run.stderr).toBe(0);
    const [upload] = fake.uploads.values();
    expect(upload!.streams).toBe(2);
    expect(upload!.bytes.equals(bytes)).toBe(true);
    expect(fake.created[0]!.diarizationJob!.source).toMatchObject({ $case: 'media' });
    const events = jsonLines(run).filter(({ step: name }) => name === 'upload');
    expect(events.at(-2)).toMatchObject({ type: 'progress', done: 2930, total: 2930, unit: 'KiB' });
    expect(events.at(-1)).toMatchObject({ type: 'step' });
  });

  it('finds a file that was sent before, and sends it again once it was deleted', async () => {
    const args = [talk, '--upload', '--quiet', '--detach'];
    await runCommand(submitCommand, args);
    const again = await runCommand(submitCommand, args);
    expect(again.exitCode, again.stderr).toBe(0);
    expect([...fake.uploads.values()].map(({ streams }) => streams)).toEqual([2]);
    fake.refusals.push(new AvdError('notFound', 'MEDIA_NOT_FOUND', 'There is no such file.'));
    const deleted = await runCommand(submitCommand, args);
    expect(deleted.exitCode, deleted.stderr).toBe(0);
    expect([...fake.uploads.values()].map(({ streams }) => streams)).toEqual([3, 1]);
    expect(fake.created).toHaveLength(3);
  });

  it('ends with the code and the sentence of the error of the job', async () => {
    fake.script = [running(0, 10), failed];
    const outDir = path.join(dir, 'out');
    const run = await runCommand(submitCommand, [talk, '-o', outDir]);
    expect(run).toMatchObject({ exitCode: 5, stdout: '' });
    expect(run.stderr).toContain('avd: The picture cannot be decoded.\n');
    expect(await readdir(dir)).not.toContain('out');
  });

  it('says on Ctrl-C that the job goes on, and how to stop it', async () => {
    fake.script = [running(0, 10), 'wait'];
    const stop = new AbortController();
    const submitted = runCommand(submitCommand, [talk, '--watch'], stop.signal);
    await until(() => fake.jobs.get('diarizationJobs/job-1')?.state === State.RUNNING);
    stop.abort();
    const run = await submitted;
    expect(run.exitCode).toBe(130);
    expect(run.stderr).toContain(
      'The job goes on: avd watch job-1 follows it, avd cancel job-1 stops it.',
    );
  });

  it('says what to do where the server may not read the folder', async () => {
    fake.refusals.push(new AvdError('permissionDenied', 'MEDIA_URI_NOT_ALLOWED', 'Not allowed.'));
    const { exitCode, stderr } = await runCommand(submitCommand, [talk, '--detach']);
    expect(exitCode).toBe(8);
    expect(stderr).toBe(
      `avd: The server may not read files in ${dir}: send the file with --upload, or start the server with avd up --media-root ${dir}.\n`,
    );
  });

  it('says the same where only the job finds that out', async () => {
    const refusal = new AvdError('permissionDenied', 'MEDIA_URI_NOT_ALLOWED', 'Not allowed.');
    fake.script = [{ state: State.FAILED, error: toStatus(refusal) }];
    const { exitCode, stderr } = await runCommand(submitCommand, [talk, '--watch']);
    expect(exitCode).toBe(8);
    expect(stderr).toContain(`start the server with avd up --media-root ${dir}.`);
  });

  it.each([
    [['nothing.mp4'], 3, /File not found/],
    [[], 2, /needs one recording/],
    [['.'], 2, /\. is no file/],
    [['a.mp4', '--vad', 'ears'], 2, /--vad must be one of/],
    [['a.mp4', '--detach', '-o', 'x'], 2, /--detach contradicts/],
    [['s3://a/b', '--server', 'somewhere'], 2, /--server must be HOST:PORT/],
    [['s3://a/b', '--label', 'x'], 2, /--label must be KEY=VALUE/],
    [['s3://a/b', '--cert', 'x.pem'], 2, /--cert and --key belong together/],
    [['s3://a/b', '--ca', '/nowhere/ca.pem'], 4, /TLS file \/nowhere\/ca\.pem cannot be read/],
  ])('refuses %j in one sentence', async (args, exitCode, message) => {
    const run = await runCommand(submitCommand, args);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toMatch(message);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
    expect(fake.created).toEqual([]);
  });

  it('says that nobody listens there', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const { exitCode, stderr } = await runCommand(listCommand, ['--server', `127.0.0.1:${port}`]);
    expect(exitCode).toBe(9);
    expect(stderr).toContain(`No avd server answers at 127.0.0.1:${port}; start one with`);
  });
});

describe('avd watch', () => {
  it('stays after the first Ctrl-C where somebody sits there', async () => {
    await addJob('talk-1');
    fake.script = [running(0, 10), 'wait', succeeded];
    const stop = new AbortController();
    const watch: Command = async (_args, signal) => {
      await using connection = await connect({ address: fake.server });
      const watched = { name: 'diarizationJobs/talk-1', signal, isInteractive: true };
      await watchJob(connection.jobs, { ...watched, output: 'person' });
      return 0;
    };
    const watched = runCommand(watch, [], stop.signal);
    await until(() => fake.jobs.get('diarizationJobs/talk-1')?.state === State.RUNNING);
    stop.abort();
    fake.goOn();
    const { exitCode, stdout, stderr } = await watched;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('avd cancel talk-1 stops it. Ctrl-C again leaves.');
    expect(stdout).toContain('spk00');
  });

  it('tells a job that has ended at once and leaves its results where they are', async () => {
    await addJob('old');
    fake.script = [succeeded];
    const run = await runCommand(watchCommand, ['old']);
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toContain('avd get old -o DIR fetches the results');
  });

  it('ends with 130 when the job was cancelled', async () => {
    await addJob('old');
    fake.script = [{ state: State.CANCELLED }];
    const { exitCode, stderr } = await runCommand(watchCommand, ['diarizationJobs/old']);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: 'avd: The job old was cancelled.\n',
    });
  });
});

describe.each([
  ['watch', watchCommand],
  ['get', getCommand],
  ['cancel', cancelCommand],
])('avd %s', (name, command) => {
  it('says that there is no such job', async () => {
    const { exitCode, stderr } = await runCommand(command, ['nobody']);
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      `avd: There is no job nobody on ${fake.server}; avd list shows those it has.\n`,
    );
  });

  it('wants one job', async () => {
    expect(await runCommand(command, [])).toMatchObject({
      exitCode: 2,
      stderr: `avd: avd ${name} needs one job: avd ${name} JOB; avd list shows them.\n`,
    });
  });
});

describe('avd get', () => {
  it('shows how a job stands', async () => {
    await addJob('talk-1', { ...running(1, 10), labels: { series: 'x' }, traceId: 'abc' });
    const { stdout } = await runCommand(getCommand, ['talk-1']);
    for (const line of [
      /^state +RUNNING$/m,
      /^progress +50 %$/m,
      /^label +series=x$/m,
      /^trace +abc$/m,
      /^step +detectFaces: 1 of 2 tasks$/m,
    ]) {
      expect(stdout).toMatch(line);
    }
    const { stdout: json } = await runCommand(getCommand, ['talk-1', '--json']);
    expect(JSON.parse(json)).toMatchObject({
      name: 'diarizationJobs/talk-1',
      labels: { series: 'x' },
    });
  });

  it('writes a result to standard output or into a folder', async () => {
    await addJob('talk-1', succeeded);
    const { stdout } = await runCommand(getCommand, ['talk-1', '--format', 'rttm']);
    expect(stdout).toBe(fake.files[DiarizationFormat.RTTM]);
    const outDir = path.join(dir, 'got');
    await runCommand(getCommand, ['talk-1', '-o', outDir]);
    expect(await readFile(path.join(outDir, 'result.json'), 'utf8')).toBe(
      fake.files[DiarizationFormat.VIA],
    );
  });

  it('says that there is no result yet, and leaves no folder', async () => {
    await addJob('talk-1', { state: State.RUNNING });
    const run = await runCommand(getCommand, ['talk-1', '-o', path.join(dir, 'got')]);
    expect(run.exitCode).toBe(4);
    expect(run.stderr).toBe(
      'avd: The job talk-1 has no result; avd get talk-1 shows how it stands.\n',
    );
    expect(await readdir(dir)).not.toContain('got');
  });
});

describe('avd list', () => {
  beforeEach(async () => {
    for (const id of ['one', 'two', 'three', 'four', 'five']) {
      await addJob(id, { state: State.QUEUED, labels: { a: id === 'two' ? 'x' : 'y' } });
    }
  });

  it('turns the pages until there are enough', async () => {
    const { stdout } = await runCommand(listCommand, []);
    expect(stdout.split('\n')[0]).toMatch(/^job +state +done +created +recording$/);
    expect(stdout).toMatch(/^five +QUEUED +0 % +file:\/\/\/five\.mp4$/m);
    const { stdout: three } = await runCommand(listCommand, ['--limit', '3']);
    expect(three.trim().split('\n')).toHaveLength(4);
  });

  it('asks for a state and labels', async () => {
    const run = await runCommand(listCommand, ['--label', 'a=x', '--state', 'QUEUED', '--json']);
    expect(jsonLines(run)).toEqual([expect.objectContaining({ name: 'diarizationJobs/two' })]);
    const wrong = await runCommand(listCommand, ['--state', 'tired']);
    expect(wrong.stderr).toContain('--state must be one of queued, running,');
  });
});

describe('avd cancel', () => {
  it('says how the job stands', async () => {
    await addJob('talk-1', { state: State.RUNNING });
    const { stdout } = await runCommand(cancelCommand, ['talk-1']);
    expect(stdout).toBe('The job talk-1 is stopped: CANCELLING.\n');
  });
});

describe('help', () => {
  it.each([submitCommand, watchCommand, getCommand, listCommand, cancelCommand])(
    'teaches in lines that fit (%#)',
    async (command) => {
      const { stdout, exitCode } = await runCommand(command, ['--help']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^Usage: avd /m);
      expect(stdout).toContain('--server HOST:PORT');
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    },
  );
});
