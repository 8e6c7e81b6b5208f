import type { Model } from '@avd/stage-kit';
import { expect, it } from 'vitest';
import { int8Models } from './int8-models.js';

it('loads the 8-bit form of the networks that have one, and the others as they are', async () => {
  const asked: string[] = [];
  const models = int8Models({
    load: async (name) => {
      asked.push(name);
      return { name, sha256: '', run: async () => ({}) } satisfies Model;
    },
  });
  for (const name of ['s3fd', 'syncnet-lip', 'syncnet-audio', 'yunet']) await models.load(name);
  expect(asked).toEqual(['s3fd-int8', 'syncnet-lip-int8', 'syncnet-audio', 'yunet']);
});
