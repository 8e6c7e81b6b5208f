import { expect, it } from 'vitest';
import { parseConfig } from './parse-config.js';
import { workerSettings } from './worker-settings.js';

const read = (env: Readonly<Record<string, string>>) => parseConfig(workerSettings, env).settings;

it('runs networks one by one on single threads of the CPU unless told otherwise', () => {
  expect(read({})).toMatchObject({
    executionProviders: ['cpu'],
    threads: 0,
    threadsPerRun: 1,
    maxBatch: 1,
  });
  expect(
    read({
      AVD_EXECUTION_PROVIDERS: 'cuda, cpu',
      AVD_THREADS_PER_RUN: '4',
      AVD_MAX_BATCH: '8',
    }),
  ).toMatchObject({ executionProviders: ['cuda', 'cpu'], threadsPerRun: 4, maxBatch: 8 });
});

it.each(['AVD_THREADS_PER_RUN', 'AVD_MAX_BATCH'])('refuses 0 for %s', (variable) => {
  expect(() => read({ [variable]: '0' })).toThrow(`${variable} is "0" but must be 1 to 1024`);
});
