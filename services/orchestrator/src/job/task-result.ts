import { stageV1 } from '@avd/contracts';
import type { Artifacts } from '@avd/stage-host';
import type { JobStep } from './job-record.js';
import type { TaskResult } from './transitions.js';

/** What the record of a job needs of a finished task; the results of stages stay in the blob store. */
export async function readTaskResult(
  step: JobStep,
  { artifact, execution }: stageV1.TaskCompleted,
  artifacts: Artifacts,
): Promise<TaskResult> {
  if (step === 'prepareMedia') {
    const json = await artifacts.read(artifact!.sha256);
    const { media, notices } = stageV1.PrepareMediaResult.fromJSON(json);
    return { execution, prepared: { media: media!, notices } };
  }
  if (step === 'assembleResult') {
    const json = await artifacts.read(artifact!.sha256);
    return { execution, files: stageV1.AssembleResultResult.fromJSON(json).files };
  }
  return { execution };
}
