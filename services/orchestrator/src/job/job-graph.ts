import { planVideo, stepTable, type Plan, type StepGraph } from '@avd/pipeline';
import type { TaskStage } from '@avd/messaging';
import type { JobRecord, JobStep } from './job-record.js';

/** The plan of the job's recording. @returns undefined before the recording was prepared */
export function planOf({ media, chunkFrames, settings }: JobRecord): Plan | undefined {
  if (media === undefined) return undefined;
  const { frameCount, sampleCount } = media;
  return planVideo({ frameCount, sampleCount, chunkFrames, settings });
}

/** Results that the files of a job are written from. */
const READ_BY_ASSEMBLY = ['linkTracks', 'diarize'] as const;

/** All steps of a job; before the recording was prepared only the first is known. */
export function graphOf(record: JobRecord): StepGraph<JobStep> {
  const prepare = { step: 'prepareMedia', count: 1, needs: [] } as const;
  const plan = planOf(record);
  if (plan === undefined) return { steps: [prepare] };
  const planned = plan.steps.map(({ step }) => step);
  const needs = READ_BY_ASSEMBLY.filter((step) => planned.includes(step));
  return { steps: [prepare, ...plan.steps, { step: 'assembleResult', count: 1, needs }] };
}

/** Queue that does a step; `media` is the orchestrators' own. */
export function stageOf(step: JobStep): TaskStage {
  return step === 'prepareMedia' || step === 'assembleResult'
    ? 'media'
    : stepTable[step].method.stage;
}
