import { AvdError } from '@avd/domain';
import { badOption } from '../../arguments.js';

const PREFIX = 'diarizationJobs/';

/** `talk-1` and `diarizationJobs/talk-1` mean the same job. @throws AvdError invalidInput BAD_OPTION */
export function toJobName(argument: string): string {
  const id = argument.startsWith(PREFIX) ? argument.slice(PREFIX.length) : argument;
  if (id === '' || id.includes('/')) throw badOption(`"${argument}" is no name of a job.`);
  return `${PREFIX}${id}`;
}

/** The short name for people. */
export function jobId(name: string): string {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
}

export function resultName(jobName: string): string {
  return `${jobName}/diarization`;
}

/** An error of a call about a job, with what to do next. */
export function withAdvice(error: unknown, jobName: string, address: string): AvdError {
  const known = AvdError.from(error);
  const advised = (message: string): AvdError =>
    new AvdError(known.kind, known.reason, message, { details: known.details, cause: error });
  if (known.reason === 'JOB_NOT_FOUND') {
    return advised(`There is no job ${jobId(jobName)} on ${address}; avd list shows those it has.`);
  }
  if (known.reason === 'NO_RESULT') {
    return advised(
      `The job ${jobId(jobName)} has no result; avd get ${jobId(jobName)} shows how it stands.`,
    );
  }
  return known;
}
