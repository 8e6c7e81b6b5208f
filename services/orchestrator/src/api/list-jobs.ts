import { createHash } from 'node:crypto';
import type { diarizationV1 } from '@avd/contracts';
import type { Jobs, StoredJob } from '../job/jobs.js';
import { allJobs, isBefore } from './all-jobs.js';
import { apiError, invalidField } from './api-errors.js';
import { parseJobFilter } from './job-filter.js';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;
const CHECK_CHARS = 12;

export interface JobPage {
  /** Newest first. */
  readonly jobs: readonly StoredJob[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** Where a page ends: the next one holds what was created before. */
interface Place {
  readonly createTime: string;
  readonly id: string;
}

/**
 * One page of jobs. Jobs that come or go between two pages neither repeat nor hide others.
 * @throws AvdError invalidInput INVALID_FIELD, BAD_PAGE_TOKEN
 */
export async function listJobs(
  jobs: Jobs,
  request: diarizationV1.ListDiarizationJobsRequest,
): Promise<JobPage> {
  if (request.pageSize < 0) throw invalidField('page_size', 'must not be below 0');
  const pageSize = Math.min(request.pageSize || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  const holds = parseJobFilter(request.filter);
  const after = request.pageToken === '' ? undefined : readToken(request.pageToken, request.filter);
  const found = (await allJobs(jobs)).filter(
    ({ record }) => holds(record) && (after === undefined || isBefore(record, after)),
  );
  const page = found.slice(0, pageSize);
  const last = page.at(-1)?.record;
  return {
    jobs: page,
    nextPageToken:
      last === undefined || found.length === page.length ? '' : writeToken(last, request.filter),
  };
}

function writeToken({ createTime, id }: Place, filter: string): string {
  const place = Buffer.from(JSON.stringify([createTime, id])).toString('base64url');
  return `${checkOf(place, filter)}${place}`;
}

function readToken(token: string, filter: string): Place {
  const place = token.slice(CHECK_CHARS);
  if (checkOf(place, filter) !== token.slice(0, CHECK_CHARS)) {
    throw apiError(
      'invalidInput',
      'BAD_PAGE_TOKEN',
      'The page_token is damaged or belongs to another filter; begin with the first page.',
      { field: 'page_token' },
    );
  }
  const text = Buffer.from(place, 'base64url').toString('utf8');
  const [createTime, id] = JSON.parse(text) as [string, string];
  return { createTime, id };
}

function checkOf(place: string, filter: string): string {
  const hash = createHash('sha256').update(JSON.stringify(['page', place, filter]));
  return hash.digest('base64url').slice(0, CHECK_CHARS);
}
