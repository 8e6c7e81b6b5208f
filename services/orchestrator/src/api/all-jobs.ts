import { isFinal } from '../job/job-record.js';
import type { Jobs, StoredJob } from '../job/jobs.js';

const CONCURRENT_READS = 16;

/** Every job, newest first. */
export async function allJobs(jobs: Jobs): Promise<StoredJob[]> {
  return (await readJobs(jobs, await jobs.ids())).sort(newestFirst);
}

export function newestFirst(a: StoredJob, b: StoredJob): number {
  return isBefore(b.record, a.record) ? -1 : isBefore(a.record, b.record) ? 1 : 0;
}

interface Place {
  readonly createTime: string;
  readonly id: string;
}

/** Order of creation; ids decide between jobs of the same millisecond. */
export function isBefore(a: Place, b: Place): boolean {
  return a.createTime === b.createTime ? a.id < b.id : a.createTime < b.createTime;
}

/** Counts the jobs that wait. Ended jobs, which never wait again, are not read a second time. */
export function queueCounter(jobs: Jobs): () => Promise<number> {
  let ended = new Set<string>();
  return async () => {
    const ids = await jobs.ids();
    const known = new Set(ids);
    const open = await readJobs(
      jobs,
      ids.filter((id) => !ended.has(id)),
    );
    ended = new Set([...ended].filter((id) => known.has(id)));
    for (const { record } of open) if (isFinal(record)) ended.add(record.id);
    return open.filter(({ record }) => record.state === 'queued').length;
  };
}

async function readJobs(jobs: Jobs, ids: readonly string[]): Promise<StoredJob[]> {
  const found: StoredJob[] = [];
  let next = 0;
  const read = async (): Promise<void> => {
    while (next < ids.length) {
      const stored = await jobs.get(ids[next++]!);
      if (stored !== undefined) found.push(stored);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_READS }, read));
  return found;
}
