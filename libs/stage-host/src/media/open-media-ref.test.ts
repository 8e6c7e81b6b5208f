import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import type { stageV1 } from '@avd/contracts';
import { derivedFilesOf, openMedia } from '@avd/media';
import type { MediaReader } from '@avd/stage-kit';
import { memoryBlobStore } from '@avd/storage';
import { makeMedia } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mediaRef } from '../testing/count-words.js';
import { openMediaRef, type FetchMedia, type MediaNeed } from './open-media-ref.js';

const signal = new AbortController().signal;
const blobs = memoryBlobStore();
let folder = '';
let video = '';
let sha256 = '';
/** The recording as `media.PrepareMedia` tells of it. */
let prepared: stageV1.MediaRef;
let original: Heard;
let fetchCount = 0;

/** What a stage would see and hear. */
interface Heard {
  readonly frames: string[];
  readonly samples: Int16Array;
}

async function watch(media: MediaReader, endFrame: number): Promise<Heard> {
  const frames: string[] = [];
  for await (const { data } of media.frames({ startFrame: 3, endFrame }, { signal })) {
    frames.push(createHash('sha256').update(data).digest('hex'));
  }
  return { frames, samples: await media.samples(100, 9_000) };
}

const fetchMedia: FetchMedia = async (_uri, expected) => {
  fetchCount++;
  const found = createHash('sha256')
    .update(await readFile(video))
    .digest('hex');
  expect(expected === undefined || expected === found).toBe(true);
  return { path: video, sha256: found, [Symbol.asyncDispose]: async () => undefined };
};

async function open(ref: stageV1.MediaRef, need: MediaNeed, name: string) {
  const workDir = path.join(folder, name);
  return openMediaRef(ref, need, { workDir, blobs, fetchMedia, threads: 1, signal });
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'avd-media-ref-'));
  video = path.join(folder, 'talk.mp4');
  await makeMedia([
    ...['-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=1.2'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100:duration=1.2'],
    ...['-pix_fmt', 'yuv420p', '-shortest', video],
  ]);
  sha256 = createHash('sha256')
    .update(await readFile(video))
    .digest('hex');
  const workDir = path.join(folder, 'first');
  await using media = await openMedia(video, { workDir, signal, threads: 1, cacheKey: sha256 });
  original = await watch(media, 20);
  const derived: stageV1.DerivedFile[] = [];
  for (const file of await derivedFilesOf(workDir, sha256)) {
    const ref = await blobs.put(await readFile(file), 'application/octet-stream');
    derived.push({ name: path.basename(file), artifact: { uri: '', ...ref } });
  }
  const { frameCount, width, height } = media.info.video!;
  const { sampleCount } = media.info.audio!;
  prepared = mediaRef({ uri: 'file:///talk.mp4', sha256, derived });
  prepared = { ...prepared, frameCount, width, height, sampleCount };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('openMediaRef', () => {
  it('gives the frames and the sound of the original on another machine, from derived files', async () => {
    await using media = await open(prepared, 'both', 'second');
    expect(media.digest).toBe(sha256);
    expect(await watch(media, 20)).toEqual(original);
    expect(original.frames).toHaveLength(17);
  });

  it('gives the same without derived files', async () => {
    await using media = await open({ ...prepared, derived: [] }, 'both', 'third');
    expect(await watch(media, 20)).toEqual(original);
  });

  it('listens without bringing the recording itself', async () => {
    fetchCount = 0;
    await using media = await open(prepared, 'sound', 'fourth');
    expect(await media.samples(100, 9_000)).toEqual(original.samples);
    expect(media.digest).toBe(sha256);
    expect(() => media.frames({ startFrame: 0, endFrame: 1 }, { signal })).toThrow();
    expect(fetchCount).toBe(0);
    expect(
      (await readdir(path.join(folder, 'fourth'))).every((name) => name.endsWith('.wav')),
    ).toBe(true);
  });

  it('does not bring the sound to who only looks', async () => {
    await using media = await open(prepared, 'pictures', 'fifth');
    const frames: number[] = [];
    for await (const { frameIndex } of media.frames({ startFrame: 0, endFrame: 2 }, { signal })) {
      frames.push(frameIndex);
    }
    expect(frames).toEqual([0, 1]);
    expect(
      (await readdir(path.join(folder, 'fifth'))).filter((name) => name.endsWith('.wav')),
    ).toEqual([]);
  });

  it('brings nothing to who needs nothing', async () => {
    fetchCount = 0;
    await using media = await open(prepared, 'none', 'sixth');
    expect(media.digest).toBe(sha256);
    expect(await media.samples(0, 10)).toHaveLength(0);
    expect(fetchCount).toBe(0);
  });

  it('opens a recording that nothing is known of', async () => {
    await using media = await open(
      mediaRef({ uri: 'file:///talk.mp4', sha256: '' }),
      'both',
      'seventh',
    );
    expect(media.digest).toBe(sha256);
    expect(await watch(media, 20)).toEqual(original);
  });

  it.each(['../../etc/passwd', 'a.wav', `${'0'.repeat(16)}.sh`, ''])(
    'does not write a derived file under the name "%s"',
    async (name) => {
      const derived = [{ ...prepared.derived[0]!, name }];
      await expect(open({ ...prepared, derived }, 'both', 'eighth')).rejects.toMatchObject({
        kind: 'invalidInput',
        reason: 'BAD_DERIVED_FILE',
      });
    },
  );

  it('leaves no piece of a derived file that is damaged', async () => {
    const artifact = { uri: '', ...(await blobs.put(Buffer.from('soon gone'), 'audio/wav')) };
    await blobs.delete(artifact.sha256);
    const derived = [{ name: `${'0'.repeat(16)}.wav`, artifact }];
    await expect(open({ ...prepared, derived }, 'sound', 'ninth')).rejects.toMatchObject({
      reason: 'BLOB_NOT_FOUND',
    });
    expect(await readdir(path.join(folder, 'ninth'))).toEqual([]);
  });

  it('frees the fetched file when it cannot be opened', async () => {
    const broken = path.join(folder, 'broken.mp4');
    await writeFile(broken, 'no video');
    let freed = 0;
    const fetching: FetchMedia = async () => ({
      path: broken,
      sha256: 'cd'.repeat(32),
      [Symbol.asyncDispose]: async () => void freed++,
    });
    const options = { workDir: path.join(folder, 'tenth'), blobs, threads: 1, signal };
    const opened = openMediaRef(mediaRef({ sha256: '' }), 'both', {
      ...options,
      fetchMedia: fetching,
    });
    await expect(opened).rejects.toMatchObject({ kind: 'media' });
    expect(freed).toBe(1);
  });
});
