import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenProgress } from './open-media.js';
import {
  allFrames,
  frameHashes,
  H264,
  never,
  TestMedia,
  testSource,
} from './testing/test-media.js';
import { WavReader } from './wav-reader.js';

const media = new TestMedia();
let talk: string;

beforeAll(async () => {
  const talkArgs = [...testSource('25'), ...H264, '-c:a', 'aac', '-movflags', '+faststart'];
  talk = await media.make(...talkArgs, 'talk.mp4');
});
afterAll(() => media.remove());

describe('openMedia', () => {
  it('knows frames, samples and length', async () => {
    await using file = await media.open(talk);
    expect(file.info.video).toEqual({ width: 160, height: 90, frameCount: 75 });
    // AAC is padded to whole blocks; newer versions of ffmpeg cut the padding.
    expect(file.info.audio!.sampleCount).toBeGreaterThanOrEqual(48_000);
    expect(file.info.audio!.sampleCount).toBeLessThan(48_000 + 640);
    expect(file.info.durationSec).toBeCloseTo(3, 1);
    expect(file.notices).toEqual([]);
  });

  it('reads any range of samples as one piece of the whole sound', async () => {
    await using file = await media.open(talk);
    const whole = await file.samples(0, 1e9);
    expect(whole.length).toBe(file.info.audio!.sampleCount);
    expect(await file.samples(12_345, 23_456)).toEqual(whole.slice(12_345, 23_456));
    await using wav = await WavReader.open(file.soundPath!);
    expect([wav.sampleRateHz, wav.channelCount]).toEqual([16_000, 1]);
    expect(await wav.samples(0, 1e9)).toEqual(whole);
  });

  it('gives the same sound every time', async () => {
    const wavs = ['one', 'two'].map(async (workDir) => {
      await using file = await media.open(talk, { workDir: media.pathOf(workDir) });
      return file.samples(0, 1e9);
    });
    const [one, two] = await Promise.all(wavs);
    expect(one).toEqual(two);
  });

  it('opens a file again from what it left in the work folder', async () => {
    const workDir = media.pathOf('again');
    const phases = new Set<string>();
    const onProgress = ({ phase }: OpenProgress) => phases.add(phase);
    const first = await media.open(talk, { workDir, onProgress });
    expect([...phases]).toEqual(['sound']);
    phases.clear();
    await using second = await media.open(talk, { workDir, onProgress });
    expect(phases.size).toBe(0);
    expect(second.info).toEqual(first.info);
    const range = { startFrame: 33, endFrame: 50 };
    expect(await frameHashes(second, range)).toEqual(await frameHashes(first, range));
    await first[Symbol.asyncDispose]();
  });

  it('does not trip over a damaged file in the work folder', async () => {
    const workDir = media.pathOf('spoilt');
    await (await media.open(talk, { workDir }))[Symbol.asyncDispose]();
    const facts = readdirSync(workDir).find((name) => name.endsWith('.json'))!;
    writeFileSync(path.join(workDir, facts), '{"probe":');
    await using file = await media.open(talk, { workDir });
    expect(file.info.video?.frameCount).toBe(75);
  });

  it('does not take one file for another of the same name', async () => {
    const name = media.pathOf('same.mp4');
    copyFileSync(talk, name);
    await (await media.open(name))[Symbol.asyncDispose]();
    copyFileSync(await media.make(...testSource('25', { durationSec: 1 }), 'short.mp4'), name);
    await using file = await media.open(name);
    expect(file.info.video?.frameCount).toBe(25);
  });

  it('shares derived files under a given key', async () => {
    const workDir = media.pathOf('shared');
    const copy = media.pathOf('copy of talk.mp4');
    copyFileSync(talk, copy);
    await (await media.open(talk, { workDir, cacheKey: 'k' }))[Symbol.asyncDispose]();
    const files = readdirSync(workDir);
    await (await media.open(copy, { workDir, cacheKey: 'k' }))[Symbol.asyncDispose]();
    expect(readdirSync(workDir)).toEqual(files);
  });

  it('can leave the sound alone', async () => {
    const workDir = media.pathOf('silent');
    await using file = await media.open(talk, { workDir, withSound: false });
    expect(file.info.audio).toBeUndefined();
    expect((await file.samples(0, 100)).length).toBe(0);
    expect(readdirSync(workDir).some((name) => name.endsWith('.wav'))).toBe(false);
  });

  it('opens names with blanks, colons, per cent signs and a leading dash', async () => {
    for (const name of ["-a b: 50%d 'x'.mp4", 'ünï.v1.mp4']) {
      copyFileSync(talk, media.pathOf(name));
      await using file = await media.open(media.pathOf(name));
      expect(file.info.video?.frameCount).toBe(75);
    }
  });

  it('leaves no half-written file when it is stopped', async () => {
    const long = await media.make(
      '-f',
      'lavfi',
      '-i',
      'sine=440:d=600',
      '-c:a',
      'flac',
      'long.mkv',
    );
    const workDir = media.pathOf('stopped');
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const opening = media.open(long, { workDir, signal: controller.signal, onProgress });
    await expect(opening).rejects.toMatchObject({ kind: 'cancelled' });
    expect(readdirSync(workDir).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });

  it('says so when the disk or the folder does not take the derived files', async () => {
    writeFileSync(media.pathOf('a-file'), '');
    const opening = media.open(talk, { workDir: media.pathOf('a-file/work') });
    await expect(opening).rejects.toHaveProperty('name', 'AvdError');
  });
});

describe('files with less in them', () => {
  it('sound alone', async () => {
    const song = await media.make('-f', 'lavfi', '-i', 'sine=440:d=2', 'song.mp3');
    await using file = await media.open(song);
    expect(file.info.video).toBeUndefined();
    expect(file.info.durationSec).toBeCloseTo(2, 1);
    expect(() => file.frames({ startFrame: 0, endFrame: 1 }, { signal: never })).toThrow(
      expect.objectContaining({ reason: 'NO_PICTURES' }) as Error,
    );
  });

  it('pictures alone', async () => {
    const silent = await media.make('-i', talk, '-an', '-c', 'copy', 'silent.mp4');
    await using file = await media.open(silent);
    expect(file.info).toEqual({
      video: { width: 160, height: 90, frameCount: 75 },
      durationSec: 3,
    });
  });

  it('a sound stream without a single sample is no sound', async () => {
    const empty = ['-af', 'atrim=end_sample=0', '-c:v', 'copy', '-c:a', 'pcm_s16le', 'empty.mkv'];
    await using file = await media.open(await media.make('-i', talk, ...empty));
    expect(file.probe.audio).toBeDefined();
    expect(file.info.audio).toBeUndefined();
    expect(file.info.video?.frameCount).toBe(75);
  });
});

describe('damaged files', () => {
  it.each(['mp4', 'mkv'])(
    'cut off in the middle are read up to there, with a notice (%s)',
    async (kind) => {
      const whole = kind === 'mp4' ? talk : await media.make('-i', talk, '-c', 'copy', 'talk.mkv');
      const bytes = readFileSync(whole);
      const part = media.pathOf(`part.${kind}`);
      writeFileSync(part, bytes.subarray(0, Math.round(bytes.length * 0.6)));
      await using file = await media.open(part);
      const { frameCount } = file.info.video!;
      expect(frameCount).toBeGreaterThan(25);
      expect(frameCount).toBeLessThan(60);
      expect(file.notices.join()).toMatch(/"part\.\w+" is cut off: only \d\.\d of its 3\.0 s/);
      expect((await frameHashes(file, allFrames(file))).length).toBe(frameCount);
      expect(file.info.audio!.sampleCount).toBeGreaterThan(10_000);
    },
  );

  it('without a single picture that can be decoded are refused', async () => {
    const bytes = readFileSync(talk);
    bytes.fill(0x55, bytes.indexOf('mdat') + 4);
    writeFileSync(media.pathOf('noise.mp4'), bytes);
    await expect(media.open(media.pathOf('noise.mp4'))).rejects.toMatchObject({
      kind: 'media',
      reason: 'DECODE_FAILED',
    });
  });

  it('whose key pictures cannot all be entered still give the right frames', async () => {
    // Refreshed a strip at a time: the packets marked as key pictures are none.
    const refresh = ['-c:v', 'libx264', '-x264-params', 'intra-refresh=1:keyint=15'];
    const made = await media.make(...testSource('25', { sound: false }), ...refresh, 'strips.mp4');
    await using file = await media.open(made);
    const whole = await frameHashes(file, allFrames(file));
    for (const startFrame of [17, 24, 31, 38, 45, 52, 59, 66]) {
      const part = await frameHashes(file, { startFrame, endFrame: startFrame + 4 });
      expect(part).toEqual(whole.slice(startFrame, startFrame + 4));
    }
  });
});
