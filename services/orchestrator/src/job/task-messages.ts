import { choicesToConfig, secToDuration, stageV1 } from '@avd/contracts';
import { stepTable, type StepName } from '@avd/pipeline';
import { recordingOf } from './job-facts.js';
import { planOf } from './job-graph.js';
import type { JobRecord } from './job-record.js';
import type { JobTask } from './transitions.js';

/** References to the results that a task reads, by step. */
export type TaskInputs = Readonly<Record<string, stageV1.ArtifactList>>;

export interface TaskMessageOptions {
  readonly timeoutSec: number;
}

/** A job may be removed and made again under its id: its tasks are others then, and so are their ids. */
export function jobTaskId(
  { id, createTime }: Pick<JobRecord, 'id' | 'createTime'>,
  { step, index }: JobTask,
): string {
  return `${id}/${step}/${index}/${Date.parse(createTime).toString(36)}`;
}

/** The message of a task: the call of its stage's method, with references only. */
export function taskMessage(
  record: JobRecord,
  task: JobTask,
  inputs: TaskInputs,
  { timeoutSec }: TaskMessageOptions,
): Uint8Array {
  return stageV1.StageTask.encode({
    job: record.id,
    taskId: jobTaskId(record, task),
    step: task.step,
    index: task.index,
    enqueueTime: new Date(),
    timeout: secToDuration(timeoutSec),
    call: callOf(record, task, inputs),
  }).finish();
}

function callOf(
  record: JobRecord,
  { step, index }: JobTask,
  inputs: TaskInputs,
): stageV1.StageTask['call'] {
  const context: stageV1.CallContext = {
    ...{ job: record.id, taskId: jobTaskId(record, { step, index }), step, index },
    ...{ attempt: 0, deadline: undefined },
    precision: record.settings.precision === 'int8' ? 'int8' : '',
  };
  if (step === 'prepareMedia') {
    const source: stageV1.PrepareMediaRequest['source'] =
      'uri' in record.source
        ? { $case: 'uri', value: record.source.uri }
        : { $case: 'artifact', value: { uri: '', ...record.source.blob } };
    return { $case: step, value: { context, source, fileName: record.fileName } };
  }
  const { media } = record;
  if (step === 'assembleResult') {
    return {
      $case: step,
      value: {
        ...{ context, media, inputs: { ...inputs }, notices: [...record.notices] },
        recording: recordingOf(record),
        config: choicesToConfig(record.settings),
        models: [...record.models],
        fileName: record.fileName,
      },
    };
  }
  const spec = stepTable[step].spec({ plan: planOf(record)!, index, settings: record.settings });
  return stageCall(step, spec, { context, media, inputs: { ...inputs } });
}

type Common = {
  context: stageV1.CallContext;
  media: stageV1.MediaRef | undefined;
  inputs: { [step: string]: stageV1.ArtifactList };
};

/** The same piece and parameters as in a run in one process, as the message of the method. */
function stageCall(step: StepName, spec: unknown, common: Common): stageV1.StageTask['call'] {
  const { range, startSample, endSample, lrAsd, method, params, ...rest } = spec as SpecFields;
  const fields = {
    ...common,
    ...rest,
    ...(range && { frameRange: range }),
    ...(startSample !== undefined && { sampleRange: { startSample, endSample } }),
    ...(lrAsd && { lrAsd: { ...lrAsd, durationsSec: [...lrAsd.durationsSec] } }),
    ...(method === undefined ? params && { params } : { method: { $case: method, value: params } }),
  };
  return { $case: step, value: requests[step].fromPartial(fields) } as stageV1.StageTask['call'];
}

/** Fields of specs whose place in a message is another one; all others have the same name. */
interface SpecFields {
  readonly range?: stageV1.FrameRange;
  readonly startSample?: number;
  readonly endSample?: number;
  readonly lrAsd?: { readonly model: string; readonly durationsSec: readonly number[] };
  readonly method?: string;
  readonly params?: object;
}

const requests: { readonly [Step in StepName]: { fromPartial(fields: object): unknown } } = {
  detectFaces: stageV1.DetectFacesRequest,
  linkTracks: stageV1.LinkTracksRequest,
  detectSpeech: stageV1.DetectSpeechRequest,
  detectTrackSpeech: stageV1.DetectTrackSpeechRequest,
  readLips: stageV1.ReadLipsRequest,
  scoreLips: stageV1.ScoreLipsRequest,
  embedFaces: stageV1.EmbedFacesRequest,
  embedVoices: stageV1.EmbedVoicesRequest,
  embedVoiceWindows: stageV1.EmbedVoiceWindowsRequest,
  diarize: stageV1.DiarizeRequest,
};
