import { readFileSync } from 'node:fs';
import {
  diarizeReferenceStage,
  fromFloatRows,
  groupFaces,
  REFERENCE_DEFAULTS,
  referenceRttm,
  referenceViaProject,
  type FloatRows,
} from '@avd/cluster';
import { formatViaProject } from '@avd/domain';
import { embedFaces, embedVoiceWindows } from '@avd/embed';
import type { ModelPool } from '@avd/stage-kit';
import { mfccWindows, scoreTracks } from '@avd/syncnet';
import { excessOverTolerance, GoldenCase, hasShared, type GoldenArray } from '@avd/testing';
import { detectSpeech } from '@avd/vad';
import { FaceCropper } from '@avd/vision';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGeneratedModels } from './generated-models.js';
import {
  cropTrack,
  openGoldenVideo,
  readThroughJpeg,
  stageContext,
  toSpans,
  wavMedia,
} from './golden-media.js';

type Pairs = readonly (readonly [number, number])[];
interface Values {
  readonly tracks: readonly { readonly first_frame: number; readonly n_frames: number }[];
  readonly vad_silero: Readonly<Record<string, Pairs>>;
  readonly face_ids: { readonly ids: readonly number[] };
  readonly face_ids_injected: readonly number[];
}

/** Real networks on a busy machine. */
const PATIENT = { timeout: 900_000 };
const TRACKS = [0, 1, 2, 3];
const PICTURE_BYTES = 224 * 224 * 3;
const SPEAKER_MODELS = { resnetse: 'resnetse34v2', ecapa: 'ecapa-tdnn' } as const;

function expectWithin(actual: ArrayLike<number>, golden: GoldenArray, what: string): void {
  const excess = excessOverTolerance(actual, golden.data as Float32Array, golden.tolerance);
  expect(excess, what).toBeLessThanOrEqual(0);
}

/**
 * The complete run of the reference, one stage after the other, each fed with what the reference fed it: its cropped
 * videos and its sound. Networks come from checkpoint files with made-up weights.
 */
describe.skipIf(!hasShared)('every stage of the end-to-end case', PATIENT, () => {
  const golden = hasShared ? new GoldenCase('e2e') : undefined!;
  const values = hasShared ? golden.values<Values>() : undefined!;
  let models: ModelPool & AsyncDisposable;
  beforeAll(async () => {
    models = await openGeneratedModels();
  });
  afterAll(() => models[Symbol.asyncDispose]());

  /** Picture and sound of one cropped video, and the track that leaves it as it is. */
  async function openCrop(track: number) {
    const video = await openGoldenVideo(golden.file(`crop_0000${track}.avi`));
    const sound = await wavMedia(golden.file(`crop_0000${track}.wav`));
    const frameCount = values.tracks[track]!.n_frames;
    const info = { ...video.info, audio: sound.info.audio! };
    const media = { ...video, info, samples: sound.samples.bind(sound) };
    return {
      input: { range: { startFrame: 0, endFrame: frameCount }, tracks: [cropTrack(frameCount)] },
      context: stageContext(media, models),
      [Symbol.asyncDispose]: () => video[Symbol.asyncDispose](),
    };
  }

  it.each([
    [0, 0],
    [1, 120],
    [2, 250],
    [3, 250],
  ])('crops the face of track %d as the reference does', async (track, frame) => {
    const { first_frame: firstFrame } = values.tracks[track]!;
    const at = (name: string): number =>
      (golden.array(`track${track}_${name}`).data as Float64Array)[frame - firstFrame]!;
    const { width, height, data } = PNG.sync.read(
      readFileSync(golden.file(`frame_${String(frame).padStart(6, '0')}.png`)),
    );
    const bgr = Uint8Array.from(
      { length: width * height * 3 },
      (_, i) => data[Math.floor(i / 3) * 4 + 2 - (i % 3)]!,
    );
    const crop = new Uint8Array(PICTURE_BYTES);
    const place = { centreX: at('x'), centreY: at('y'), halfSize: at('s') };
    new FaceCropper().crop({ width, height, data: bgr }, place, crop);
    await using video = await openGoldenVideo(golden.file(`crop_0000${track}.avi`));
    const startFrame = Math.max(0, frame - firstFrame - 2);
    const differences: number[] = [];
    for await (const picture of video.frames(
      { startFrame, endFrame: startFrame + 5 },
      { signal: new AbortController().signal },
    )) {
      const sum = picture.data.reduce((total, value, i) => total + Math.abs(value - crop[i]!), 0);
      differences.push(sum / PICTURE_BYTES);
    }
    // The reference keeps its crops in a lossy video, so the picture is found again, but not to the byte.
    const best = Math.min(...differences);
    expect(differences.indexOf(best)).toBe(frame - firstFrame - startFrame);
    expect(best).toBeLessThan(3.5);
  });

  it.each(TRACKS)('sees and hears the first windows of track %d', async (track) => {
    await using crop = await openCrop(track);
    const { media } = crop.context;
    const pictures = await readThroughJpeg(golden.file(`crop_0000${track}.avi`), 12);
    expect(pictures.length).toBe(12 * PICTURE_BYTES);
    const lips = await models.load('syncnet-lip');
    const seen = await lips.run({ frames: { data: pictures, dims: [12, 224, 224, 3] } });
    const lipRows = seen['embeddings']!.data as Float32Array;
    expectWithin(lipRows, golden.array(`sync${track}_lip_first8`), 'lips');

    const signalSampleCount = media.info.audio!.sampleCount;
    const samples = await media.samples(0, signalSampleCount);
    const windows = mfccWindows({ samples, startSample: 0, signalSampleCount }, 0, 8);
    const hearing = await models.load('syncnet-audio');
    const heard = await hearing.run({ mfcc: { data: windows, dims: [8, 1, 13, 20] } });
    const audioRows = heard['embeddings']!.data as Float32Array;
    expectWithin(audioRows, golden.array(`sync${track}_aud_first8`), 'sound');
  });

  it.each(TRACKS)('compares lips and sound of track %d', async (track) => {
    await using crop = await openCrop(track);
    const { pieces } = await scoreTracks.run(crop.input, {}, crop.context);
    const rows = pieces.flatMap(({ distances }) => [...fromFloatRows(distances).data]);
    expectWithin(rows, golden.array(`sync${track}_dists`), 'distances');
  });

  it('describes faces and tells who is the same person', async () => {
    const samples = [];
    for (const track of TRACKS) {
      await using crop = await openCrop(track);
      const params = { model: 'vggface-resnet50' } as const;
      const { faces } = await embedFaces.run(crop.input, params, crop.context);
      const embeddings = fromFloatRows(faces[0]!.descriptors);
      expectWithin(embeddings.data, golden.array(`face${track}_feat`), `face ${track}`);
      const { first_frame: startFrame, n_frames: frameCount } = values.tracks[track]!;
      samples.push({ startFrame, endFrame: startFrame + frameCount, embeddings });
    }
    expect(groupFaces(samples)).toEqual(values.face_ids.ids);
  });

  it('hears speech with Silero in the whole sound and in that of each track', async () => {
    for (const [file, pairs] of Object.entries(values.vad_silero)) {
      expect(await speech(file, 'silero'), file).toEqual(toSpans(pairs));
    }
  });

  it.each(['resnetse', 'ecapa'] as const)('describes voices with %s', async (name) => {
    const embeddings = fromFloatRows(await embedVoices(name));
    const expected = golden.array(`spk_${name}`);
    expect([embeddings.rowCount, embeddings.columnCount]).toEqual(expected.shape);
    expectWithin(embeddings.data, expected, name);
  });

  it.each([
    ['webrtc_resnetse', 'injected'],
    ['webrtc_ecapa', 'injected'],
    ['silero_resnetse', 'injected'],
    ['silero_ecapa', 'injected'],
    ['webrtc_resnetse_own_face_ids', 'own'],
  ])('writes the files of the reference for %s', async (name, faceIds) => {
    const vad = name.startsWith('silero') ? 'silero' : 'pywebrtcvad';
    const ids = faceIds === 'own' ? values.face_ids.ids : values.face_ids_injected;
    const tracks = await Promise.all(
      TRACKS.map(async (track) => {
        const { first_frame: startFrame, n_frames: frameCount } = values.tracks[track]!;
        const distances = golden.array(`asd_injected_${track}`).data as Float32Array;
        const rows = {
          rowCount: distances.length / 21,
          columnCount: 21,
          data: Buffer.from(distances.buffer).toString('base64'),
        };
        return {
          ...{ trackIndex: track, startFrame, frameCount, faceId: ids[track]! },
          lipSync: { distances: [rows] },
          speech: await speech(`0000${track}.wav`, vad),
        };
      }),
    );
    const { reference } = await diarizeReferenceStage.run(
      {
        tracks,
        speech: await speech('audio.wav', vad),
        voices: [await embedVoices(name.includes('ecapa') ? 'ecapa' : 'resnetse')],
      },
      REFERENCE_DEFAULTS,
      stageContext(await wavMedia(golden.file('audio.wav')), models),
    );
    const read = (extension: string): string =>
      readFileSync(golden.file(`result_injected_${name}.${extension}`), 'utf8');
    const rttm = read('rttm');
    const recording = rttm.split(' ')[1]!;
    expect(referenceRttm(reference, recording)).toBe(rttm);
    const { file } = JSON.parse(read('json')) as { file: Record<string, { src: string }> };
    const project = referenceViaProject(reference, file['1']!.src);
    expect(formatViaProject(project)).toBe(read('json'));
  });

  /** @param file name as in the vectors: of the whole sound or of a track */
  async function speech(file: string, detector: 'silero' | 'pywebrtcvad') {
    const media = await wavMedia(golden.file(file === 'audio.wav' ? file : `crop_${file}`));
    const { sampleCount } = media.info.audio!;
    const context = stageContext(media, models);
    return (await detectSpeech.run({ sampleCount }, { detector }, context)).segments;
  }

  const voices = new Map<string, Promise<FloatRows>>();
  function embedVoices(name: keyof typeof SPEAKER_MODELS): Promise<FloatRows> {
    const known = voices.get(name);
    if (known !== undefined) return known;
    const embedded = embedVoicesAnew(name);
    voices.set(name, embedded);
    return embedded;
  }

  async function embedVoicesAnew(name: keyof typeof SPEAKER_MODELS): Promise<FloatRows> {
    const media = await wavMedia(golden.file('audio.wav'));
    const range = { startSample: 0, endSample: media.info.audio!.sampleCount };
    const params = { model: SPEAKER_MODELS[name] };
    const context = stageContext(media, models);
    return (await embedVoiceWindows.run(range, params, context)).embeddings;
  }
});
