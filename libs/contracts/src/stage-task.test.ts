import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { descriptorImage, secToDuration, stageV1, type MessageCodec } from './index.js';

type Call = NonNullable<stageV1.StageTask['call']>;

const artifact = (uri = ''): stageV1.ArtifactRef => ({
  uri,
  sha256: 'a1'.repeat(32),
  sizeBytes: 5_000_000_000,
  mediaType: 'application/json',
});
const list = (count: number, uri?: string): stageV1.ArtifactList => ({
  artifacts: Array.from({ length: count }, () => artifact(uri)),
  manifest: undefined,
});

const context: stageV1.CallContext = {
  job: '0193f9c2-6c58-7a43-9d0e-2f1d3c4b5a69',
  taskId: '0193f9c2-6c58-7a43-9d0e-2f1d3c4b5a69/detectTrackSpeech/119/1',
  step: 'detectTrackSpeech',
  index: 119,
  attempt: 5,
  deadline: new Date('2026-11-22T12:00:00.123Z'),
  precision: 'int8',
};
const media: stageV1.MediaRef = {
  uri: `https://media.example.org/${'folder/'.repeat(20)}talk.mp4`,
  sha256: 'b2'.repeat(32),
  width: 1920,
  height: 1080,
  frameCount: 180_000,
  sampleCount: 115_200_000,
  duration: secToDuration(7200.04),
  derived: ['sound.wav', 'facts.json', 'remuxed.mkv'].map((name) => ({
    name,
    artifact: artifact(),
  })),
};

const CHUNKS = 120;
const frameRange = { startFrame: 178_500, endFrame: 180_000 };
const sampleRange = { startSample: 114_240_000, endSample: 115_200_000 };
const common = { context, media };
const one = list(1);
const chunks = list(CHUNKS);
const speech = stageV1.DetectSpeechParams.fromPartial({ detector: 'silero', threshold: 0.35 });

/** A call of every method, with the results of 120 chunks of every step that has chunks. */
const calls: { readonly [Case in Call['$case']]: Extract<Call, { $case: Case }>['value'] } = {
  detectFaces: {
    ...common,
    frameRange,
    frameCount: 180_000,
    detector: 'blazeface',
    detectEvery: 4,
  },
  linkTracks: {
    ...common,
    inputs: { detectFaces: chunks },
    frameCount: 180_000,
    params: {
      cutThreshold: 27,
      minShotFrames: 15,
      minTrackFrames: 50,
      maxGapFrames: 25,
      minFaceSizePx: 40,
      minIou: 0.5,
      smoothing: { kernelFrames: 13, edges: 'zero' },
    },
  },
  detectSpeech: { ...common, sampleRange: undefined, params: speech },
  detectTrackSpeech: { ...common, inputs: { linkTracks: one }, params: speech },
  readLips: {
    ...common,
    inputs: { linkTracks: one },
    frameRange,
    asd: 'lr-asd',
    lrAsd: { model: 'lr-asd-ava', durationsSec: [6, 10] },
  },
  scoreLips: { ...common, inputs: { linkTracks: one, readLips: chunks }, asd: 'lips' },
  embedFaces: { ...common, inputs: { linkTracks: one }, frameRange, model: 'faceres' },
  embedVoices: { ...common, sampleRange },
  embedVoiceWindows: { ...common, sampleRange, model: 'ecapa-tdnn' },
  diarize: {
    ...common,
    inputs: {
      detectSpeech: one,
      embedVoices: one,
      embedVoiceWindows: chunks,
      linkTracks: one,
      readLips: chunks,
      scoreLips: one,
      embedFaces: chunks,
      detectTrackSpeech: one,
    },
    method: {
      $case: 'adaptive',
      value: stageV1.AdaptiveParams.fromPartial({ offscreen: 'cluster', maxSpeakers: 3 }),
    },
  },
  prepareMedia: { context, source: { $case: 'uri', value: media.uri }, fileName: 'talk.mp4' },
  assembleResult: {
    ...common,
    inputs: { linkTracks: one, scoreLips: one, diarize: one },
    recording: 'talk',
    fileName: 'talk.mp4',
    config: undefined,
    notices: ['The sound begins late.'],
    models: [{ name: 'facemesh', sha256: 'c3'.repeat(32) }],
  },
};

const taskOf = (call: Call): stageV1.StageTask => ({
  job: context.job,
  taskId: context.taskId,
  step: call.$case,
  index: 119,
  enqueueTime: new Date('2026-11-22T11:00:00.001Z'),
  timeout: secToDuration(600.5),
  call,
});
const tasks = Object.entries(calls).map(([step, value]) =>
  taskOf({ $case: step, value } as unknown as Call),
);

describe('a task on the queue', () => {
  it('exists for every call of the contract', () => {
    const { file: files } = fromBinary(FileDescriptorSetSchema, descriptorImage());
    const fields = files
      .flatMap((file) => file.messageType)
      .find(({ name }) => name === 'StageTask')!
      .field.filter((field) => field.oneofIndex === 0 && field.number >= 10);
    expect(Object.keys(calls).sort()).toEqual(fields.map(({ jsonName }) => jsonName).sort());
  });

  it.each(tasks)('comes back from the wire as it was: $step', (task) => {
    const bytes = stageV1.StageTask.encode(task).finish();
    expect(stageV1.StageTask.decode(bytes)).toEqual(task);
  });

  it.each(tasks)('comes back from JSON as it was: $step', (task) => {
    const codec: MessageCodec<stageV1.StageTask> = stageV1.StageTask;
    const json: unknown = JSON.parse(JSON.stringify(codec.toJSON(task)));
    expect(codec.fromJSON(json)).toEqual(task);
  });

  it.each(tasks)('with the results of 120 chunks is below 40 KiB: $step', (task) => {
    expect(stageV1.StageTask.encode(task).finish().length).toBeLessThan(40 * 1024);
  });

  it('with 120 results by their full address is below 40 KiB as well', () => {
    const uri = `s3://av-diarization-results/production/sha256/a1/a1/${'a1'.repeat(32)}`;
    const task = taskOf({
      $case: 'linkTracks',
      value: { ...calls.linkTracks, inputs: { detectFaces: list(CHUNKS, uri) } },
    });
    expect(stageV1.StageTask.encode(task).finish().length).toBeLessThan(40 * 1024);
  });

  it('says with an unknown call that it has none', () => {
    const bytes = Buffer.concat([
      stageV1.StageTask.encode({ ...tasks[0]!, call: undefined }).finish(),
      Buffer.from([0xfa, 0x06, 0x00]), // field 111, empty: from a later version
    ]);
    expect(stageV1.StageTask.decode(bytes).call).toBeUndefined();
  });
});
