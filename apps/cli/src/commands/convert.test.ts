import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { AvdError } from '@avd/domain';
import { makeMedia } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { convertCommand } from './convert.js';

const cli = fileURLToPath(new URL('../../bin/avd.js', import.meta.url));
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-convert-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const at = (name: string): string => path.join(dir, name);

/** Runs the command here: a process each would take most of the time. */
async function convert(...args: string[]) {
  const said = { stdout: '', stderr: '', exitCode: 0 };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, ...more) => {
      said[name] += String(chunk);
      const done = more.find((argument) => typeof argument === 'function');
      done?.();
      return true;
    }),
  );
  try {
    said.exitCode = await convertCommand(args, new AbortController().signal);
  } catch (error) {
    const known = AvdError.from(error);
    said.stderr += `avd: ${known.message}\n`;
    said.exitCode = known.exitCode;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return said;
}

const source = {
  schema: 'avd/diarization/1',
  recording: 'talk',
  durationSec: 12,
  turns: [
    {
      startSec: 0.5,
      endSec: 2.25,
      speaker: 'Ann',
      confidence: 0.875,
      evidence: { voice: 1 },
      trackIndex: 0,
    },
    { startSec: 2, endSec: 4.5, speaker: 'Ben & Co', confidence: 1, evidence: {} },
    { startSec: 6, endSec: 7, speaker: 'Ann', confidence: 1, evidence: {} },
  ],
  speakers: [
    { label: 'Ann', trackIndexes: [0], talkTimeSec: 2.75, turnCount: 2 },
    { label: 'Ben & Co', trackIndexes: [], talkTimeSec: 2.5, turnCount: 1 },
  ],
  notices: [],
  shots: [{ startSec: 0, endSec: 12 }],
  tracks: [{ trackIndex: 0, startSec: 0, endSec: 12, speaker: 'Ann' }],
  settings: { profile: 'lite' },
};

/** Writes the source and converts it; @returns what was said on standard error */
async function convertSource(output: string, ...more: string[]): Promise<string> {
  await writeFile(at('diarization.json'), JSON.stringify(source));
  const result = await convert(at('diarization.json'), at(output), ...more);
  expect(result.exitCode, result.stderr).toBe(0);
  return result.stderr;
}

async function turnsOf(file: string): Promise<(string | number)[][]> {
  const result = await convert(at(file), '-', '--to', 'json');
  expect(result.exitCode, result.stderr).toBe(0);
  const { turns } = JSON.parse(result.stdout) as typeof source;
  return turns
    .map(({ startSec, endSec, speaker }): (string | number)[] => [startSec, endSec, speaker])
    .sort((a, b) => Number(a[0]) - Number(b[0]));
}

describe('avd convert', () => {
  it.each([
    ['talk.rttm', 'Ben_&_Co'],
    ['talk.ctm', 'Ben_&_Co'],
    ['talk.vtt', 'Ben & Co'],
    ['talk.SRT', 'Ben & Co'],
    ['talk.txt', 'Ben & Co'],
    ['talk.TextGrid', 'Ben & Co'],
    ['talk.eaf', 'Ben & Co'],
    ['talk.via.json', 'Ben & Co'],
    ['new.diarization.json', 'Ben & Co'],
  ])('there and back by %s keeps every turn', async (file, ben) => {
    await convertSource(file);
    expect(await turnsOf(file)).toEqual([
      [0.5, 2.25, 'Ann'],
      [2, 4.5, ben],
      [6, 7, 'Ann'],
    ]);
  });

  it('keeps a diarization.json whole', async () => {
    const said = await convertSource('copy.diarization.json');
    expect(said).toBe('');
    expect(JSON.parse(await readFile(at('copy.diarization.json'), 'utf8'))).toEqual(source);
  });

  it('says what the new format cannot hold', async () => {
    const said = await convertSource('said.rttm');
    expect(said).toContain(
      'Confidences, the evidence for turns, face tracks, shots and settings are not in rttm.',
    );
    expect(said).toContain('Names are written in another way: "Ben & Co".');
    expect(await convertSource('said.vtt')).toContain(
      'The name of the recording (talk) is not in the file.',
    );
    expect(await convertSource('said.ctm')).not.toMatch(/^note: Confidences/m);
  });

  it('says that turns were joined or times rounded, and only then', async () => {
    await writeFile(at('overlap.txt'), '0.0004\t2\tAnn\n1\t3\tAnn\n4\t4.00001\tBen\n5\t5\tempty\n');
    const { stderr } = await convert(at('overlap.txt'), at('overlap.eaf'));
    expect(stderr).toContain('Turns without length are left out: 1.');
    expect(stderr).toContain('2 of 3 turns are joined to others of their speaker or too short');
    await writeFile(at('fine.txt'), '0.0004\t2\tAnn\n');
    const rounded = await convert(at('fine.txt'), at('fine.rttm'));
    expect(rounded.stderr).toBe('note: Times are rounded, by up to 0.40 ms.\n');
    await writeFile(at('plain.txt'), '0.5\t2\tAnn\n');
    expect((await convert(at('plain.txt'), at('plain.rttm'))).stderr).toBe('');
  });

  it('reads standard input and writes standard output', async () => {
    const args = [cli, 'convert', '-', '-', '--from', 'rttm', '--to', 'AUDACITY'];
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end('SPEAKER a 1 1.000 2.000 <NA> <NA> x <NA> <NA>\n');
    expect(await text(child.stdout)).toBe('1.000000\t3.000000\tx\n');
  });

  it('names the recording in a VIA project and asks it for its length', async () => {
    await makeMedia(['-f', 'lavfi', '-i', 'sine=duration=9', at('my talk.wav')]);
    await writeFile(at('t.txt'), '0.5\t2\tAnn\n');
    await convert(at('t.txt'), at('result.json'), '--media', at('my talk.wav'));
    const project = JSON.parse(await readFile(at('result.json'), 'utf8')) as {
      file: Record<string, unknown>;
    };
    expect(project.file['1']).toMatchObject({ fname: 'my talk.wav', type: 8 });
    await convert(at('t.txt'), at('t.TextGrid'), '--media', at('my talk.wav'));
    expect(await readFile(at('t.TextGrid'), 'utf8')).toContain('\nxmax = 9\n');
    const rttm = await convert(at('result.json'), '-', '--to', 'rttm');
    expect(rttm.stdout).toBe('SPEAKER my_talk 1 0.500 1.500 <NA> <NA> Ann <NA> <NA>\n');
  });

  it('reads what VIA itself saves: names behind option numbers, times as text, other annotations', async () => {
    const project = {
      project: { vid_list: ['1'] },
      file: { 1: { fid: 1, fname: 'show.mp4', type: 4, loc: 1, src: '' } },
      view: { 1: { fid_list: [1] } },
      attribute: {
        1: { aname: 'Region', anchor_id: 'FILE1_Z1_XY1', type: 1, options: {} },
        2: { aname: 'Activity', anchor_id: 'FILE1_Z2_XY0', type: 1, options: {} },
        3: {
          aname: 'speaker',
          anchor_id: 'FILE1_Z2_XY0',
          type: 4,
          options: { 0: 'Ann', 1: 'Ben' },
        },
      },
      metadata: {
        '1_b': { vid: '1', flg: 0, z: ['3.5', '4'], xy: [], av: { 3: '1' } },
        '1_a': { vid: '1', flg: 0, z: [1, 2], xy: [], av: { 3: '0', 2: 'waves' } },
        '1_c': { vid: '1', flg: 0, z: [1], xy: [2, 0, 0, 5, 5], av: { 1: 'face' } },
      },
    };
    await writeFile(at('via.json'), JSON.stringify(project));
    const { stdout, stderr } = await convert(at('via.json'), '-', '--to', 'rttm');
    expect(stdout).toBe(
      'SPEAKER show 1 1.000 1.000 <NA> <NA> Ann <NA> <NA>\n' +
        'SPEAKER show 1 3.500 0.500 <NA> <NA> Ben <NA> <NA>\n',
    );
    expect(stderr).toContain(
      'Annotations that are no segments of the attribute "speaker" are left out: 1.',
    );
  });

  it('reads the UTF-16 of Praat', async () => {
    await convertSource('utf8.TextGrid');
    const plain = await readFile(at('utf8.TextGrid'), 'utf8');
    const bytes = Buffer.from(`\uFEFF${plain.replaceAll('Ann', 'Zoë')}`, 'utf16le').swap16();
    await writeFile(at('utf16.TextGrid'), bytes);
    expect((await turnsOf('utf16.TextGrid'))[0]).toEqual([0.5, 2.25, 'Zoë']);
  });

  it('takes one recording of several', async () => {
    await writeFile(
      at('two.rttm'),
      'SPEAKER a 1 0 1 <NA> <NA> x <NA> <NA>\nSPEAKER b 1 0 2 <NA> <NA> y <NA> <NA>\n',
    );
    const none = await convert(at('two.rttm'), at('two.vtt'));
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toMatch(/holds 2 recordings \(a, b\): choose one with --recording/);
    expect(await readdir(dir)).not.toContain('two.vtt');
    const one = await convert(at('two.rttm'), '-', '--to', 'audacity', '--recording', 'b');
    expect(one.stdout).toBe('0.000000\t2.000000\ty\n');
    const wrong = await convert(at('two.rttm'), '-', '--to', 'vtt', '--recording', 'c');
    expect(wrong.stderr).toMatch(/no recording "c", only a, b/);
  });

  it('explains itself', async () => {
    const { stdout, exitCode } = await convert('--help');
    expect(exitCode).toBe(0);
    for (const name of [
      'json',
      'via',
      'rttm',
      'vtt',
      'srt',
      'ctm',
      'audacity',
      'textgrid',
      'eaf',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  describe('refuses in one sentence', () => {
    beforeAll(async () => {
      await writeFile(at('ok.txt'), '0\t1\tAnn\n');
      await writeFile(at('bad.rttm'), 'SPEAKER talk 1 x 1 <NA> <NA> a <NA> <NA>\n');
      await writeFile(at('list.json'), '[]');
      await writeFile(at('old.json'), '{"schema":"avd/diarization/9"}');
      await writeFile(
        at('hand.json'),
        JSON.stringify({ ...source, turns: [{ ...source.turns[0], endSec: 'late' }] }),
      );
      await writeFile(at('binary.srt'), Buffer.from([0, 255, 254, 200]));
      await mkdir(at('folder.vtt'));
    });

    it.each([
      [['ok.txt', 'out.json'], 2, /may be json or via: say which with --to/],
      [['ok.txt', 'out.docx'], 2, /The ending of .*out\.docx" tells no format: give --to/],
      [['ok.txt', 'out.x', '--to', 'word'], 2, /--to must be one of json, via, .*not "word"/],
      [['list.json', 'out.vtt'], 2, /may be json or via: say which with --from/],
      [['old.json', 'out.vtt'], 2, /not a diarization\.json of avd: its "schema" is not/],
      [['hand.json', 'out.vtt'], 2, /json: turn 1 has no readable times/],
      [['bad.rttm', 'out.vtt'], 2, /line 1: the start time "x" is not a number/],
      [['ok.txt', 'out.vtt', '--from', 'srt'], 2, /srt: there are no subtitles in the file/],
      [['ok.txt', 'out.vtt', '--from', 'via'], 2, /via: the file is not JSON/],
      [['old.json', 'out.vtt', '--from', 'via'], 2, /via: this is not a VIA 3 project/],
      [['binary.srt', 'out.vtt'], 2, /is not text in UTF-8/],
      [['nothing.rttm', 'out.vtt'], 3, /File not found/],
      [['ok.txt', 'folder.vtt'], 2, /is a folder: name a file in it/],
      [['ok.txt'], 2, /needs two files/],
    ])('%j', async (args, exitCode, message) => {
      const files = args.map((word, i) => (i < 2 ? at(word) : word));
      const result = await convert(...files);
      expect(result.exitCode, result.stderr).toBe(exitCode);
      expect(result.stderr).toMatch(message);
      expect(result.stderr.trim().split('\n')).toHaveLength(1);
      expect((await readdir(dir)).filter((name) => name.startsWith('out.'))).toEqual([]);
    });

    it('standard input of no stated format', async () => {
      const { stderr, exitCode } = await convert('-', at('out.vtt'));
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(/give --from FORMAT/);
    });
  });
});
