import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Model, ModelPool, ResultStore } from '@avd/stage-kit';
import { resolveSettings, runVideoJob, type DiarizeChoices, type StepResults } from '@avd/pipeline';
import { GoldenCase, hasShared, sharedDir } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGeneratedModels } from './generated-models.js';
import { openGoldenVideo } from './golden-media.js';

const noStore: ResultStore = { get: async () => undefined, put: async () => undefined };
/** Real networks on a busy machine. */
const PATIENT = { timeout: 900_000 };
const hasYunet = existsSync(path.join(sharedDir, 'models/yunet_n_dynamic.onnx'));

// Real faces and sound, networks with made-up weights: what comes out means nothing, but it must come out, and the
// same however the work is cut.
describe.skipIf(!hasShared || !hasYunet)('the profile voxconverse on a video', PATIENT, () => {
  let models: ModelPool & AsyncDisposable;
  beforeAll(async () => {
    models = await openGeneratedModels();
  });
  afterAll(() => models[Symbol.asyncDispose]());

  async function run(
    choices: DiarizeChoices,
    chunkFrames: number,
    pool: ModelPool = models,
  ): Promise<StepResults> {
    await using media = await openGoldenVideo(new GoldenCase('e2e').file('input.mp4'));
    return await runVideoJob({
      ...{ media, mediaDigest: '', models: pool, store: noStore, chunkFrames, concurrency: 2 },
      settings: resolveSettings({ profile: 'voxconverse', ...choices }),
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });
  }

  it('gives the same bytes whatever the chunk size', async () => {
    const choices = { faceDetector: 'yunet', vad: 'silero' } as const;
    const whole = await run(choices, 1500);
    expect(whole.linkTracks![0]!.tracks.length).toBeGreaterThanOrEqual(4);
    expect(whole.diarize![0]!.turns.length).toBeGreaterThan(0);
    const cut = await run(choices, 97);
    expect(cut.readLips!.length).toBe(3);
    expect(cut.diarize).toEqual(whole.diarize);
    const windows = (results: StepResults): Buffer =>
      Buffer.concat(
        results.embedVoiceWindows!.map(({ embeddings }) => Buffer.from(embeddings.data, 'base64')),
      );
    expect(windows(cut).equals(windows(whole))).toBe(true);
    const distances = ({ readLips }: StepResults): Buffer =>
      Buffer.concat(
        readLips!
          .flatMap(({ sync }) => sync!.pieces)
          .sort((a, b) => a.trackIndex - b.trackIndex || a.startWindow - b.startWindow)
          .map((piece) => Buffer.from(piece.distances.data, 'base64')),
      );
    expect(distances(cut).equals(distances(whole))).toBe(true);
  });

  it('runs with S3FD and ECAPA-TDNN as well', async () => {
    const results = await run({ detectEvery: 25, speakerModel: 'ecapa-tdnn' }, 1500);
    const { detections } = results.detectFaces![0]!;
    expect(detections[25]).not.toBeNull();
    expect(detections[26]).toBeNull();
    expect(results.embedVoiceWindows![0]!.embeddings.columnCount).toBe(192);
    expect(results.diarize![0]!.reference!.entries.length).toBeGreaterThan(0);
  });

  it('says that a network is missing before any work is done', async () => {
    let ran = 0;
    const pool: ModelPool = {
      load: async (name): Promise<Model> => {
        if (name === 'resnetse34v2') throw new Error('run avd models pull voxconverse');
        return { name, sha256: '', run: async () => ({ data: ran++ }) as never };
      },
    };
    await expect(run({}, 1500, pool)).rejects.toThrow('avd models pull voxconverse');
    expect(ran).toBe(0);
  });
});
