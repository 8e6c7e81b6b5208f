import { commonSettings } from './common-settings.js';
import { integer } from './fields/numbers.js';
import { optional } from './fields/setting.js';
import { filePath, list } from './fields/texts.js';
import { extendSettings, type Settings } from './settings-schema.js';

/** The variables of a stage's service. */
export const workerSettings = extendSettings(commonSettings, {
  slots: integer('AVD_SLOTS', {
    description: 'Tasks done at a time.',
    unit: 'tasks',
    defaultText: '1',
    max: 256,
  }),
  threads: integer('AVD_THREADS', {
    description: 'Threads that run networks; 0 = as many as there are cores.',
    unit: 'threads',
    defaultText: '0',
    min: 0,
    max: 1024,
  }),
  executionProviders: list('AVD_EXECUTION_PROVIDERS', {
    description:
      'What runs the networks, in order of preference, separated by commas, as cuda,cpu.',
    defaultText: 'cpu',
  }),
  threadsPerRun: integer('AVD_THREADS_PER_RUN', {
    description:
      'Threads inside of one run of a network, out of AVD_THREADS; more than 1 changes the last bits of some results.',
    unit: 'threads',
    defaultText: '1',
    max: 1024,
  }),
  maxBatch: integer('AVD_MAX_BATCH', {
    description: 'Waiting runs of one network that are put into one; worth it on a GPU only.',
    unit: 'runs',
    defaultText: '1',
    max: 1024,
  }),
  modelDir: optional(
    filePath('AVD_MODEL_DIR', {
      description: 'Folder of the networks; not set = where `avd` keeps what it downloads.',
    }),
  ),
});
export type WorkerSettings = Settings<typeof workerSettings>;
