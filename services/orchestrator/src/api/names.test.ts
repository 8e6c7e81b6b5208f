import { describe, expect, it } from 'vitest';
import { isJobId, newJobId, parseResultName, resultName } from './names.js';

describe('job ids', () => {
  it('sort by the time they were made and are valid', () => {
    const timesMs = [0, 1, 1_700_000_000_000, 1_800_000_000_000, 4_000_000_000_000];
    const ids = timesMs.map(newJobId);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every(isJobId)).toBe(true);
    expect(newJobId(0)).not.toBe(newJobId(0));
  });

  it.each(['abc', 'a'.repeat(64), '1abc', 'abc-', 'Abcd', 'ab.d', 'ab/d', ''])(
    'may not be "%s"',
    (id) => expect(isJobId(id)).toBe(false),
  );

  it('come back from the name of a result', () => {
    expect(parseResultName(resultName('talk-1'))).toBe('talk-1');
    expect(() => parseResultName('diarizationJobs/talk-1')).toThrow('diarizationJobs/{job}/diar');
  });
});
