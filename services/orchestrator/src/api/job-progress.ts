import type { diarizationV1 } from '@avd/contracts';
import { SAMPLES_PER_FRAME } from '@avd/domain';
import { stepState, stepTable, type PlannedStep, type StepName } from '@avd/pipeline';
import { planOf } from '../job/job-graph.js';
import type { Progress } from '@avd/stage-kit';
import type { JobRecord } from '../job/job-record.js';
import type { LiveProgress } from './live-progress.js';

/** Parts of the whole that the steps around the plan take. */
const PREPARE_FRACTION = 0.03;
const ASSEMBLE_FRACTION = 0.02;

/** What the steps cost, in hundredths of a usual run. Looking at pictures is nearly everything. */
const STEP_WEIGHTS: Readonly<Record<StepName, number>> = {
  detectFaces: 40,
  readLips: 36,
  embedFaces: 8,
  embedVoiceWindows: 8,
  embedVoices: 4,
  detectSpeech: 3,
  detectTrackSpeech: 3,
  diarize: 2,
  scoreLips: 2,
  linkTracks: 1,
};

/** How far a job is: what is stored, and what its workers told since. The fraction never falls. */
export function jobProgress(
  record: JobRecord,
  live: LiveProgress,
): diarizationV1.DiarizationJobProgress {
  const steps = planOf(record)?.steps.map((step) => stepProgress(step, record, live)) ?? [];
  const preparing = live.of(record.id, { step: 'prepareMedia', index: 0 });
  const fraction = live.raise(record, fractionOf(record, steps, preparing));
  live.keepOnly(record.id, record.progress.inFlight);
  return { fraction, steps: steps.map(({ message }) => message) };
}

interface StepReport {
  readonly message: diarizationV1.StepProgress;
  /** Part of the step that is done. */
  readonly share: number;
  readonly weight: number;
}

function stepProgress(planned: PlannedStep, record: JobRecord, live: LiveProgress): StepReport {
  const { step, count } = planned;
  const { doneCount } = stepState(record.progress, step);
  const running = record.progress.inFlight
    .filter((task) => task.step === step)
    .map((task) => live.of(record.id, task));
  const runningShare = running.reduce(
    (sum, progress) => sum + (progress === undefined ? 0 : shareOf(progress)),
    0,
  );
  const share = Math.min(1, (doneCount + runningShare) / Math.max(1, count));
  return {
    share,
    weight: STEP_WEIGHTS[step],
    message: {
      step,
      stage: stepTable[step].method.stage,
      totalTasks: count,
      doneTasks: doneCount,
      reusedTasks: record.steps[step]?.reusedCount ?? 0,
      ...workOf(planned, share, record, running[0]),
    },
  };
}

function shareOf({ done, total }: Progress): number {
  return Math.min(1, Math.max(0, done / Math.max(1, total)));
}

/** Work of a step in its unit: frames of what its pieces are cut from, else what its one task counts. */
function workOf(
  { pieces }: PlannedStep,
  share: number,
  { media, chunkFrames }: JobRecord,
  running: Progress | undefined,
): Progress {
  if (pieces === undefined) {
    if (running === undefined || share === 1) return { done: share, total: 1, unit: 'tasks' };
    const { done, total, unit } = running;
    return { done: Math.round(Math.min(done, total)), total, unit };
  }
  const { frameCount = 0, sampleCount = 0 } = media ?? {};
  const total = pieces === 'picture' ? frameCount : Math.ceil(sampleCount / SAMPLES_PER_FRAME);
  // The last piece is shorter than the others.
  const taskCount = Math.ceil(total / chunkFrames);
  const done = Math.min(total, Math.round(share * taskCount * chunkFrames));
  return { done, total, unit: 'frames' };
}

function fractionOf(
  { state, media }: JobRecord,
  steps: readonly StepReport[],
  preparing: Progress | undefined,
): number {
  if (state === 'succeeded') return 1;
  if (media === undefined) {
    return preparing === undefined ? 0 : PREPARE_FRACTION * shareOf(preparing);
  }
  let done = 0;
  let all = 0;
  for (const { share, weight } of steps) {
    done += share * weight;
    all += weight;
  }
  const runFraction = 1 - PREPARE_FRACTION - ASSEMBLE_FRACTION;
  return PREPARE_FRACTION + runFraction * (all === 0 ? 1 : done / all);
}
