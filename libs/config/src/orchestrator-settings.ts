import { commonSettings } from './common-settings.js';
import { address } from './fields/network.js';
import { bytes, integer, seconds } from './fields/numbers.js';
import { extendSettings, type Settings } from './settings-schema.js';

/** The variables of the orchestrator. */
export const orchestratorSettings = extendSettings(commonSettings, {
  httpAddress: address('AVD_HTTP_ADDRESS', {
    description: 'Where the pages for people (jobs, progress, reports) listen.',
    defaultText: '0.0.0.0:8080',
  }),
  chunkFrames: integer('AVD_CHUNK_FRAMES', {
    description: 'Length of a chunk of the recording.',
    unit: 'frames',
    defaultText: '1500',
    max: 1_000_000,
  }),
  maxActiveJobs: integer('AVD_MAX_ACTIVE_JOBS', {
    description: 'Jobs that run at a time; more wait.',
    unit: 'jobs',
    defaultText: '64',
    max: 10_000,
  }),
  maxQueuedJobs: integer('AVD_MAX_QUEUED_JOBS', {
    description: 'Jobs that may wait; more are refused for now.',
    unit: 'jobs',
    defaultText: '1000',
    max: 100_000,
  }),
  jobWindow: integer('AVD_JOB_WINDOW', {
    description: 'Tasks of one job that are queued or running at a time.',
    unit: 'tasks',
    defaultText: '64',
    max: 10_000,
  }),
  maxUploadBytes: bytes('AVD_MAX_UPLOAD_BYTES', {
    description: 'Largest recording that can be uploaded.',
    defaultText: '8GiB',
  }),
  jobTtlSec: seconds('AVD_JOB_TTL_SEC', {
    description: 'How long a job and its results are kept after its end.',
    defaultText: '604800',
    min: 60,
  }),
});
export type OrchestratorSettings = Settings<typeof orchestratorSettings>;
