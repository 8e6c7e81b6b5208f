import type { JobRecord } from './job-record.js';
import type { StoredJob } from './jobs.js';

/** What the public interface may do with jobs. */
export interface JobControl {
  /** @returns undefined when the id is taken */
  start(record: JobRecord): Promise<StoredJob | undefined>;
  /** Stops the work of a job; one that has ended stays as it is. @throws AvdError notFound JOB_NOT_FOUND */
  cancel(id: string): Promise<StoredJob>;
  /** Stops the work and forgets the job. Blobs stay: other jobs may use them. */
  remove(id: string): Promise<void>;
}
