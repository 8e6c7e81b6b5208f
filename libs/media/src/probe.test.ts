import { chmodSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MediaProbe, probeMedia } from './probe.js';
import { H264, never, TestMedia, testSource, turnedCopy } from './testing/test-media.js';

const media = new TestMedia();
let talk: string;

beforeAll(async () => {
  talk = await media.make(...testSource('30000/1001'), ...H264, '-c:a', 'aac', 'talk.mp4');
});
afterAll(() => media.remove());

async function probe(file: string): Promise<MediaProbe> {
  return probeMedia(file, await media.tools(), never);
}

describe('probeMedia', () => {
  it('reads size, rate, codecs and lengths', async () => {
    const { video, audio, formatName, durationSec } = await probe(talk);
    expect(formatName).toContain('mp4');
    expect(durationSec).toBeCloseTo(3, 1);
    expect(video).toMatchObject({
      codec: 'h264',
      width: 160,
      height: 90,
      rotationDeg: 0,
      averageFrameRate: { num: 30_000, den: 1001 },
      startSec: 0,
    });
    expect(audio).toMatchObject({ codec: 'aac', sampleRateHz: 44_100, channelCount: 1 });
  });

  it('gives the size of a phone video as it is shown', async () => {
    turnedCopy(talk, media.pathOf('phone.mp4'));
    expect((await probe(media.pathOf('phone.mp4'))).video).toMatchObject({
      rotationDeg: 90,
      width: 90,
      height: 160,
    });
  });

  it('does not take cover art for a picture stream', async () => {
    await media.make('-f', 'lavfi', '-i', 'testsrc2=s=64x64', '-frames:v', '1', 'cover.png');
    const cover = ['-i', talk, '-i', 'cover.png', '-map', '0:a', '-map', '1', '-c', 'copy'];
    const song = await media.make(...cover, '-disposition:v', 'attached_pic', 'song.m4a');
    const { video, audio, pictureStreamCount } = await probe(song);
    expect([video, pictureStreamCount]).toEqual([undefined, 0]);
    expect(audio?.codec).toBe('aac');
  });

  it('chooses the default stream, else the largest picture and the most channels', async () => {
    const sources = [
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=64x64:d=1',
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=128x96:d=1',
      ],
      ...[
        '-f',
        'lavfi',
        '-i',
        'anullsrc=cl=mono:d=1',
        '-f',
        'lavfi',
        '-i',
        'anullsrc=cl=stereo:d=1',
      ],
      ...[
        '-map',
        '0',
        '-map',
        '1',
        '-map',
        '2',
        '-map',
        '3',
        '-c:v',
        'mpeg4',
        '-c:a',
        'aac',
        '-t',
        '1',
      ],
    ];
    const plain = await media.make(...sources, '-disposition', '0', 'plain.mkv');
    const both = await probe(plain);
    expect([both.video?.streamIndex, both.audio?.streamIndex]).toEqual([1, 3]);
    const choice = ['-disposition:v:0', 'default', '-disposition:a:0', 'default'];
    const marked = await media.make(...sources, '-disposition', '0', ...choice, 'marked.mkv');
    const first = await probe(marked);
    expect([first.video?.streamIndex, first.audio?.streamIndex]).toEqual([0, 2]);
  });
});

describe('probeMedia refuses with one sentence', () => {
  const failure = async (name: string) =>
    expect(
      await probe(media.pathOf(name)).then(
        () => 'no error',
        (error: { kind: string; reason: string }) => `${error.kind} ${error.reason}`,
      ),
    );

  it('a missing file, a folder, an empty file', async () => {
    mkdirSync(media.pathOf('folder.mp4'));
    writeFileSync(media.pathOf('empty.mp4'), '');
    (await failure('missing.mp4')).toBe('notFound FILE_NOT_FOUND');
    (await failure('folder.mp4')).toBe('invalidInput NOT_A_FILE');
    (await failure('empty.mp4')).toBe('invalidInput EMPTY_FILE');
  });

  it('a text that is named like a video', async () => {
    writeFileSync(media.pathOf('text.mp4'), 'this is only a text\n'.repeat(50));
    writeFileSync(media.pathOf('notes.txt'), 'this is only a text\n'.repeat(50));
    (await failure('text.mp4')).toBe('media NOT_A_MEDIA_FILE');
    (await failure('notes.txt')).toBe('media NOT_A_MEDIA_FILE');
  });

  it('an MP4 file whose end with the index is missing', async () => {
    const bytes = readFileSync(talk);
    writeFileSync(media.pathOf('cut.mp4'), bytes.subarray(0, bytes.length / 2));
    (await failure('cut.mp4')).toBe('media FILE_TRUNCATED');
  });

  it('a playlist, which would open other files', async () => {
    writeFileSync(media.pathOf('list.mp4'), `ffconcat version 1.0\nfile talk.mp4\n`);
    (await failure('list.mp4')).toBe('media NOT_A_MEDIA_FILE');
  });

  it('subtitles alone', async () => {
    writeFileSync(media.pathOf('words.srt'), '1\n00:00:00,000 --> 00:00:01,000\nhello\n');
    (await failure('words.srt')).toBe('media NO_AUDIO_OR_VIDEO');
  });

  it('a codec that ffmpeg does not know', async () => {
    const silent = await media.make('-i', talk, '-map', '0:v', '-c', 'copy', 'silent.mp4');
    const bytes = readFileSync(silent).toString('latin1').replaceAll('avc1', 'zzz9');
    writeFileSync(media.pathOf('unknown.mp4'), Buffer.from(bytes, 'latin1'));
    (await failure('unknown.mp4')).toBe('media UNSUPPORTED_CODEC');
  });

  it.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
    copyFileSync(talk, media.pathOf('secret.mp4'));
    chmodSync(media.pathOf('secret.mp4'), 0);
    expect(statSync(media.pathOf('secret.mp4')).size).toBeGreaterThan(0);
    (await failure('secret.mp4')).toBe('permissionDenied NO_PERMISSION');
  });
});
