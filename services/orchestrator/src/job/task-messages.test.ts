import { configToChoices, stageV1 } from '@avd/contracts';
import {
  FACE_DETECTORS,
  FACE_MODELS,
  OFFSCREEN_MODES,
  PROFILES,
  resolveSettings,
  SETTINGS_VOCABULARY,
  SPEAKER_MODELS,
  ACTIVE_SPEAKER_DETECTORS,
  stepTable,
  VAD_MODELS,
  type DiarizeChoices,
  type StepName,
} from '@avd/pipeline';
import type { StageRequest } from '@avd/stage-host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobRecord, MEDIA } from '../api/testing/job-fixtures.js';
import { planOf } from './job-graph.js';
import type { JobRecord } from './job-record.js';
import { jobTaskId, taskMessage } from './task-messages.js';
import { stageCalls } from './testing/stage-calls.js';
import type { JobTask } from './transitions.js';

/** The message of a task as its worker reads it. */
function received(record: JobRecord, task: JobTask): stageV1.StageTask {
  return stageV1.StageTask.decode(taskMessage(record, task, {}, { timeoutSec: 900 }));
}

/** The record as the store keeps it. */
const stored = (record: JobRecord): JobRecord => JSON.parse(JSON.stringify(record)) as JobRecord;

const inputsOf = (steps: readonly string[]): NonNullable<StageRequest['inputs']> =>
  Object.fromEntries(steps.map((step) => [step, stageV1.ArtifactList.fromPartial({})]));

/** Every task of the plan gives, over the wire, the very call that a run in one process makes. */
function expectSameSpecs(
  choices: DiarizeChoices,
  { frameCount = 200, sampleCount = 128_000, chunkFrames = 50 } = {},
): StepName[] {
  const settings = resolveSettings(choices);
  const media = { ...MEDIA, frameCount, sampleCount };
  const record = stored(jobRecord({ settings, media, chunkFrames }));
  const plan = planOf(record)!;
  const facts = {
    ...(frameCount > 0 && { video: { width: 640, height: 360, frameCount } }),
    ...(sampleCount > 0 && { audio: { sampleCount } }),
  };
  for (const { step, count, needs } of plan.steps) {
    for (let index = 0; index < count; index++) {
      const { call } = received(record, { step, index });
      expect(call?.$case).toBe(step);
      const request = call!.value as StageRequest;
      const required = stageCalls[step].required({ ...request, inputs: inputsOf(needs) });
      expect(needs).toEqual(expect.arrayContaining([...required]));
      const spec = stageCalls[step].specOf(request, facts);
      expect(spec).toStrictEqual(stepTable[step].spec({ plan, index, settings }));
    }
  }
  return plan.steps.map(({ step }) => step);
}

const choices = fc.record({
  profile: fc.constantFrom(...PROFILES),
  faceDetector: fc.constantFrom(...FACE_DETECTORS),
  asd: fc.constantFrom(...ACTIVE_SPEAKER_DETECTORS),
  vad: fc.constantFrom(...VAD_MODELS),
  speakerModel: fc.constantFrom(...SPEAKER_MODELS),
  faceModel: fc.constantFrom(...FACE_MODELS),
  offscreen: fc.constantFrom(...OFFSCREEN_MODES),
  detectEvery: fc.integer({ min: 1, max: 25 }),
});

describe('the messages of tasks', () => {
  it.each([
    { name: 'lite', choices: {} },
    { name: 'voxconverse', choices: { profile: 'voxconverse' } },
    { name: 'lr-asd', choices: { asd: 'lr-asd' } },
    { name: 'ecapa', choices: { profile: 'voxconverse', speakerModel: 'ecapa-tdnn' } },
    { name: 'a number of speakers', choices: { numSpeakers: 3 } },
    { name: 'a range of speakers', choices: { minSpeakers: 1, maxSpeakers: 4 } },
  ] as const)('make the calls of a run in one process: $name', ({ choices }) => {
    expectSameSpecs(choices);
  });

  it('make the calls of a run in one process for all settings, lengths and chunks', () => {
    const sizes = fc.record({
      frameCount: fc.constantFrom(0, 1, 49, 50, 51, 333),
      sampleCount: fc.constantFrom(0, 1, 639, 640, 128_000, 213_120),
      chunkFrames: fc.constantFrom(1, 50, 333, 1500),
    });
    const seen = new Set<StepName>();
    fc.assert(
      fc.property(choices, sizes, (chosen, size) => {
        for (const step of expectSameSpecs(chosen, size)) seen.add(step);
      }),
      { numRuns: 40 },
    );
    expect([...seen].sort()).toEqual(Object.keys(stepTable).sort());
  });

  it('tell the worker of the job, the task and the recording', () => {
    const record = jobRecord({ media: MEDIA });
    const task = { step: 'detectFaces', index: 3 } as const;
    const message = received(record, task);
    expect(message).toMatchObject({
      ...{ job: 'job-one', step: 'detectFaces', index: 3, timeout: { seconds: 900 } },
      taskId: jobTaskId(record, task),
      call: { value: { media: MEDIA, context: { job: 'job-one', taskId: message.taskId } } },
    });
  });

  it('have other ids when a job was removed and made again under its id', () => {
    const task = { step: 'detectFaces', index: 3 } as const;
    const later = jobRecord({ createTime: '2026-11-22T10:00:00.001Z' });
    expect(jobTaskId(jobRecord(), task)).toBe(jobTaskId(jobRecord(), task));
    expect(jobTaskId(later, task)).not.toBe(jobTaskId(jobRecord(), task));
  });

  it('bring the recording in from an address or from an upload', () => {
    const task = { step: 'prepareMedia', index: 0 } as const;
    const uri = 'https://media.example.org/talk.mp4';
    const blob = { sha256: 'ab'.repeat(32), sizeBytes: 9, mediaType: 'video/mp4' };
    expect(received(jobRecord({ source: { uri } }), task).call).toMatchObject({
      value: { source: { $case: 'uri', value: uri }, fileName: 'talk.mp4' },
    });
    expect(received(jobRecord({ source: { blob } }), task).call).toMatchObject({
      value: { source: { $case: 'artifact', value: blob } },
    });
  });

  it('tell who writes the results of all settings of the job', () => {
    fc.assert(
      fc.property(choices, (chosen) => {
        const settings = resolveSettings(chosen);
        const record = stored(jobRecord({ settings, media: MEDIA, notices: ['No face.'] }));
        const { call } = received(record, { step: 'assembleResult', index: 0 });
        if (call?.$case !== 'assembleResult') throw new Error('another call');
        const { config, recording, notices, fileName } = call.value;
        expect(resolveSettings(configToChoices(config!, SETTINGS_VOCABULARY))).toEqual(settings);
        expect({ recording, notices, fileName }).toEqual({
          ...{ recording: 'talk', notices: ['No face.'], fileName: 'talk.mp4' },
        });
      }),
      { numRuns: 40 },
    );
  });
});
