import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { choicesToConfig, durationToSec, stageV1 } from '@avd/contracts';
import { resolveSettings, resultFiles, type StepResults } from '@avd/pipeline';
import { Artifacts, type FetchMedia } from '@avd/stage-host';
import { memoryBlobStore } from '@avd/storage';
import { makeMedia } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MEDIA } from '../api/testing/job-fixtures.js';
import { assembleResultHandler } from './assemble-result.js';
import { prepareMediaHandler } from './prepare-media.js';

const session = { signal: new AbortController().signal, report: () => undefined };
const task = stageV1.StageTask.fromPartial({ job: 'job-1' });
const blobs = memoryBlobStore();
const artifacts = new Artifacts(blobs);
let folder = '';
let video = '';
let sha256 = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'avd-media-tasks-'));
  video = path.join(folder, 'talk.mp4');
  await makeMedia([
    ...['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=1.2'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100:duration=1.2'],
    ...['-pix_fmt', 'yuv420p', '-shortest', video],
  ]);
  sha256 = createHash('sha256')
    .update(await readFile(video))
    .digest('hex');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('prepareMedia', () => {
  const asked: string[] = [];
  const fetchMedia: FetchMedia = async (uri) => {
    asked.push(uri);
    return { path: video, sha256, [Symbol.asyncDispose]: async () => undefined };
  };

  async function prepare(source: stageV1.PrepareMediaRequest['source'], name: string) {
    const workDir = path.join(folder, name);
    const handler = prepareMediaHandler({ workDir, blobs, artifacts, fetchMedia, threads: 1 });
    const request = stageV1.PrepareMediaRequest.fromPartial({ fileName: 'talk.mp4' });
    const { artifact } = await handler({ ...request, source }, session, task);
    return stageV1.PrepareMediaResult.fromJSON(await artifacts.read(artifact.sha256));
  }

  it('tells the facts of a recording and keeps its sound for all workers', async () => {
    const { media, notices } = await prepare({ $case: 'uri', value: 'file:///talk.mp4' }, 'first');
    expect(media).toMatchObject({
      ...{ uri: 'file:///talk.mp4', sha256, width: 160, height: 120, frameCount: 30 },
    });
    expect(media!.sampleCount).toBeGreaterThan(19_000);
    expect(durationToSec(media!.duration!)).toBeCloseTo(1.2, 1);
    expect(notices).toEqual([]);
    const sound = media!.derived.find(({ name }) => name.endsWith('.wav'));
    const bytes = await blobs.get(sound!.artifact!.sha256);
    expect(Buffer.from(bytes).toString('latin1', 0, 4)).toBe('RIFF');
    expect(asked.at(-1)).toBe('file:///talk.mp4');
  });

  it('gives the same references on another machine', async () => {
    const source = { $case: 'uri', value: 'file:///talk.mp4' } as const;
    expect(await prepare(source, 'second')).toEqual(await prepare(source, 'third'));
  });

  it('takes an uploaded recording by its address', async () => {
    const value = { uri: '', sha256, sizeBytes: 1, mediaType: 'video/mp4' };
    const { media } = await prepare({ $case: 'artifact', value }, 'fourth');
    expect(asked.at(-1)).toBe(`blob:sha256/${sha256}`);
    expect(media!.uri).toBe(`blob:sha256/${sha256}`);
  });
});

describe('assembleResult', () => {
  const results: Pick<StepResults, 'diarize' | 'linkTracks'> = {
    linkTracks: [{ shots: [{ startFrame: 0, endFrame: 200 }], tracks: [] }],
    diarize: [
      {
        turns: [
          { startSec: 0.1 + 0.2, endSec: 2 / 3, speaker: 'spk00', confidence: 0.9, evidence: {} },
          { startSec: 1, endSec: 7.25, speaker: 'spk01', confidence: 0.7, evidence: {} },
        ],
        notices: [],
        speakers: [
          { label: 'spk00', trackIndexes: [], talkTimeSec: 0.37, turnCount: 1 },
          { label: 'spk01', trackIndexes: [], talkTimeSec: 6.25, turnCount: 1 },
        ],
      },
    ],
  };
  const handler = assembleResultHandler({ blobs, artifacts });

  async function request(): Promise<stageV1.AssembleResultRequest> {
    const inputs: Record<string, stageV1.ArtifactList> = {};
    for (const [step, outputs] of Object.entries(results)) {
      const refs = await Promise.all(outputs.map((output) => artifacts.write(output)));
      inputs[step] = { artifacts: refs.map((ref) => ({ uri: '', ...ref })), manifest: undefined };
    }
    return stageV1.AssembleResultRequest.fromPartial({
      ...{ media: MEDIA, inputs, recording: 'talk', fileName: 'talk.mp4' },
      config: choicesToConfig(resolveSettings({ profile: 'lite', detectEvery: 2 })),
      notices: ['No face was seen.'],
    });
  }

  it('writes the files of a run in one process, byte for byte', async () => {
    const message = stageV1.AssembleResultRequest.decode(
      stageV1.AssembleResultRequest.encode(await request()).finish(),
    );
    const { artifact } = await handler(message, session, task);
    const { files } = stageV1.AssembleResultResult.fromJSON(await artifacts.read(artifact.sha256));
    const expected = resultFiles(
      {
        recording: 'talk',
        notices: ['No face was seen.'],
        info: {
          video: { width: 640, height: 360, frameCount: 200 },
          audio: { sampleCount: 128_000 },
          durationSec: 8,
        },
        results,
        settings: resolveSettings({ profile: 'lite', detectEvery: 2 }),
      },
      'talk.mp4',
    ).files;
    expect(Object.keys(files).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, text] of Object.entries(expected)) {
      expect(Buffer.from(await blobs.get(files[name]!.sha256)).toString()).toBe(text);
    }
    expect(files['result.rttm']?.mediaType).toBe('text/plain');
  });

  it('says which fields it needs', async () => {
    const message = { ...(await request()), media: undefined };
    await expect(handler(message, session, task)).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'FIELD_MISSING',
    });
  });
});
