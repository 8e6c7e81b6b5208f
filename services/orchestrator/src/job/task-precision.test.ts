import { stageV1 } from '@avd/contracts';
import { resolveSettings, type DiarizeSettings } from '@avd/pipeline';
import { expect, it } from 'vitest';
import { jobRecord, MEDIA } from '../api/testing/job-fixtures.js';
import { taskMessage } from './task-messages.js';

function precisionOf(settings: DiarizeSettings): string | undefined {
  const record = jobRecord({ settings, media: MEDIA });
  const task = { step: 'detectFaces', index: 0 } as const;
  const { call } = stageV1.StageTask.decode(taskMessage(record, task, {}, { timeoutSec: 900 }));
  return (call?.value as stageV1.DetectFacesRequest | undefined)?.context?.precision;
}

it('sends the precision of the job with every call', () => {
  expect(precisionOf(resolveSettings({ precision: 'int8' }))).toBe('int8');
  expect(precisionOf(resolveSettings({}))).toBe('');
});

it('goes on with the jobs of a store that knew no precision', () => {
  const old = JSON.parse(
    JSON.stringify({ ...resolveSettings({}), precision: undefined }),
  ) as DiarizeSettings;
  expect(old).not.toHaveProperty('precision');
  expect(precisionOf(old)).toBe('');
});
