import { describe, expect, it } from 'vitest';
import { isConflict } from './nats-errors.js';
import { chunkStore, jobStore, requestStore } from './stores.js';
import type { Versioned } from './bucket.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, textOf, until } from './testing/test-bench.js';

const conflictOf = (work: Promise<unknown>): Promise<boolean> => work.then(() => false, isConflict);

describe.skipIf(natsServerPath() === undefined)('jobStore (needs nats-server)', () => {
  it('lets one of two writers win and tells the other', async () => {
    await using bench = await openBench();
    const a = jobStore(bench.messaging);
    const b = jobStore(await bench.connect('avd-orchestrator-2'));
    const revision = await a.create('job1', bytesOf('queued'));
    const results = await Promise.allSettled([
      a.update('job1', bytesOf('from a'), revision),
      b.update('job1', bytesOf('from b'), revision),
    ]);
    const lost = results.filter((result) => result.status === 'rejected');
    expect(lost).toHaveLength(1);
    expect(isConflict(lost[0]!.reason)).toBe(true);
    const winner = results[0].status === 'fulfilled' ? 'from a' : 'from b';
    const current = await a.get('job1');
    expect(textOf(current!.value)).toBe(winner);
    expect(await conflictOf(b.create('job1', bytesOf('again')))).toBe(true);
    await a.update('job1', bytesOf('done'), current!.revision);
    expect(textOf((await b.get('job1'))!.value)).toBe('done');
  });

  it('lists, deletes and makes jobs anew', async () => {
    await using bench = await openBench();
    const jobs = jobStore(bench.messaging);
    expect(await jobs.ids()).toEqual([]);
    expect(await jobs.get('nobody')).toBeUndefined();
    for (const id of ['b2', 'a1', 'b1']) await jobs.create(id, bytesOf(id));
    expect(await jobs.ids()).toEqual(['a1', 'b1', 'b2']);
    await jobs.delete('b1');
    await jobs.delete('nobody');
    expect(await jobs.ids('b')).toEqual(['b2']);
    expect(await jobs.get('b1')).toBeUndefined();
    await jobs.create('b1', bytesOf('anew'));
    expect(textOf((await jobs.get('b1'))!.value)).toBe('anew');
  });

  it('refuses ids that would be subjects with a meaning', async () => {
    await using bench = await openBench();
    const jobs = jobStore(bench.messaging);
    for (const id of ['', 'a.b', '*', '>', 'a b']) {
      await expect(jobs.get(id)).rejects.toMatchObject({ reason: 'INVALID_ID' });
    }
  });

  it('watches from the current value on, and resumes after a revision without gap or repeat', async () => {
    await using bench = await openBench();
    const jobs = jobStore(bench.messaging);
    let revision = await jobs.create('job1', bytesOf('0'));
    await jobs.create('job2', bytesOf('of another job'));
    const revisions = [revision];
    for (let i = 1; i <= 4; i++) {
      revision = await jobs.update('job1', bytesOf(String(i)), revision);
      revisions.push(revision);
    }
    const ending = new AbortController();
    const watches: Promise<void>[] = [];
    const collect = (fromRevision = 0): Versioned[] => {
      const seen: Versioned[] = [];
      const watch = async (): Promise<void> => {
        const options = { fromRevision, signal: ending.signal };
        for await (const each of jobs.watch('job1', options)) seen.push(each);
      };
      watches.push(watch());
      return seen;
    };
    const fresh = collect();
    const resumed = collect(revisions[2]);
    const upToDate = collect(revision);
    await until(() => fresh.length === 1 && resumed.length === 2);
    await jobs.update('job1', bytesOf('5'), revision);
    await until(() => upToDate.length === 1);
    await until(() => fresh.length === 2 && resumed.length === 3);
    const texts = (seen: Versioned[]): string[] => seen.map(({ value }) => textOf(value));
    expect(texts(fresh)).toEqual(['4', '5']);
    expect(texts(resumed)).toEqual(['3', '4', '5']);
    expect(texts(upToDate)).toEqual(['5']);
    ending.abort();
    await Promise.all(watches);
  });

  it('ends a watch when the job is deleted or the signal aborts', async () => {
    await using bench = await openBench();
    const jobs = jobStore(bench.messaging);
    await jobs.create('job1', bytesOf('0'));
    const ending = new AbortController();
    const drain = async (signal?: AbortSignal): Promise<number> => {
      let count = 0;
      for await (const { value } of jobs.watch('job1', signal === undefined ? {} : { signal })) {
        count += value.length;
        if (signal !== undefined) ending.abort();
      }
      return count;
    };
    expect(await drain(ending.signal)).toBe(1);
    const deleted = drain();
    await jobs.delete('job1');
    expect(await deleted).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(natsServerPath() === undefined)('requestStore (needs nats-server)', () => {
  it('gives every caller the value of the first claim', async () => {
    await using bench = await openBench();
    const requests = requestStore(bench.messaging);
    const claims = ['job1', 'job2', 'job3'].map((job) =>
      requests.claim('CreateJob', 'b9d7', bytesOf(job)),
    );
    const won = (await Promise.all(claims)).map(textOf);
    expect(new Set(won).size).toBe(1);
    expect(textOf(await requests.claim('CreateJob', 'b9d7', bytesOf('late')))).toBe(won[0]);
    expect(textOf(await requests.claim('CancelJob', 'b9d7', bytesOf('other')))).toBe('other');
  });
});

describe.skipIf(natsServerPath() === undefined)('chunkStore (needs nats-server)', () => {
  it('lists the chunks of a step by index and forgets a job as a whole', async () => {
    await using bench = await openBench();
    const chunks = chunkStore(bench.messaging);
    for (const index of [10, 2, 0, 1]) {
      await chunks.put('job1', 'face-track', index, bytesOf(`chunk ${index}`));
    }
    await chunks.put('job1', 'face-track', 2, bytesOf('chunk 2'));
    await chunks.put('job1', 'vad', 0, bytesOf('vad'));
    await chunks.put('job2', 'face-track', 0, bytesOf('of job2'));
    const list = await chunks.list('job1', 'face-track');
    expect(list.map(({ chunkIndex, value }) => [chunkIndex, textOf(value)])).toEqual([
      [0, 'chunk 0'],
      [1, 'chunk 1'],
      [2, 'chunk 2'],
      [10, 'chunk 10'],
    ]);
    expect(await chunks.get('job1', 'face-track', 3)).toBeUndefined();
    await chunks.deleteJob('job1');
    expect(await chunks.list('job1', 'face-track')).toEqual([]);
    expect(await chunks.get('job1', 'vad', 0)).toBeUndefined();
    expect(textOf((await chunks.get('job2', 'face-track', 0))!)).toBe('of job2');
  });
});
