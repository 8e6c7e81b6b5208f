import { JOB_STATES, type JobRecord } from '../job/job-record.js';
import { invalidField } from './api-errors.js';

export type JobFilter = (record: JobRecord) => boolean;

const JOIN = ' AND ';
const LABEL_PREFIX = 'labels.';

/**
 * Conditions `state=RUNNING` and `labels.key=value`, joined by ` AND `; an empty filter takes every job.
 * @throws AvdError invalidInput INVALID_FIELD
 */
export function parseJobFilter(filter: string): JobFilter {
  if (filter.trim() === '') return () => true;
  const conditions = filter.split(JOIN).map((text) => parseCondition(text.trim()));
  return (record) => conditions.every((holds) => holds(record));
}

function parseCondition(text: string): JobFilter {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals)).trim();
  const value = text.slice(equals + 1).trim();
  if (name === 'state') {
    const state = JOB_STATES.find((known) => known.toUpperCase() === value);
    if (state === undefined) {
      const known = JOB_STATES.map((each) => each.toUpperCase()).join(', ');
      throw invalidField('filter', `must have one of the states ${known}, not "${value}"`);
    }
    return (record) => record.state === state;
  }
  if (name.startsWith(LABEL_PREFIX) && name.length > LABEL_PREFIX.length) {
    const label = name.slice(LABEL_PREFIX.length);
    return ({ labels }) => Object.hasOwn(labels, label) && labels[label] === value;
  }
  throw invalidField(
    'filter',
    `must be made of state=… and labels.key=… joined by${JOIN}, not "${text}"`,
  );
}
