import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Diarization, SpeechTurn } from '../diarization.js';
import { DIARIZATION_FORMATS, findDiarizationFormat } from './index.js';

function turn(speaker: string, startSec: number, endSec: number): SpeechTurn {
  return { speaker, startSec, endSec, confidence: 0.875, evidence: {} };
}

function diarization(turns: readonly SpeechTurn[], recording = 'rec'): Diarization {
  return { recording, durationSec: 4000, turns, speakers: [], notices: [] };
}

const example = diarization([
  turn('spk01', 2.48, 3661.5),
  turn('spk00', 0, 2.5),
  turn('A & "B" <c>', 2.5, 3),
]);

function written(name: string, result: Diarization = example): string {
  return findDiarizationFormat(name)!.write(result);
}

function readBack(name: string, text: string): (string | number)[][] {
  const turns = findDiarizationFormat(name)!.read!(text, 'rec');
  return turns.map(({ speaker, startSec, endSec }) => [speaker, startSec, endSec]);
}

describe('what the formats look like', () => {
  it('is WebVTT with one voice a cue in the order of time', () => {
    expect(written('vtt')).toBe(
      'WEBVTT\n\n' +
        '1\n00:00:00.000 --> 00:00:02.500\n<v spk00>spk00</v>\n\n' +
        '2\n00:00:02.480 --> 01:01:01.500\n<v spk01>spk01</v>\n\n' +
        '3\n00:00:02.500 --> 00:00:03.000\n<v A &amp; &quot;B&quot; &lt;c&gt;>A &amp; &quot;B&quot; &lt;c&gt;</v>\n',
    );
  });

  it('is SRT with decimal commas', () => {
    expect(written('srt')).toContain('2\n00:00:02,480 --> 01:01:01,500\nspk01\n\n3\n');
  });

  it('is CTM with the speaker in the place of the word and its confidence', () => {
    expect(written('ctm').split('\n')[0]).toBe('rec 1 0.000 2.500 spk00 0.875');
  });

  it('is an Audacity label track', () => {
    expect(written('audacity').split('\n')[0]).toBe('0.000000\t2.500000\tspk00');
  });

  it('is a TextGrid whose tiers cover the whole recording without gaps', () => {
    const text = written('textgrid', diarization([turn('a', 1, 2), turn('b', 0, 4000)]));
    expect(text).toContain('item [1]:\n        class = "IntervalTier"\n        name = "a"');
    expect(text).toContain(
      'intervals: size = 3\n' +
        '        intervals [1]:\n            xmin = 0\n            xmax = 1\n            text = ""\n' +
        '        intervals [2]:\n            xmin = 1\n            xmax = 2\n            text = "a"\n' +
        '        intervals [3]:\n            xmin = 2\n            xmax = 4000\n            text = ""\n',
    );
  });

  it('is an ELAN file with ascending time slots and one tier a speaker', () => {
    const text = written('eaf');
    const times = [...text.matchAll(/TIME_VALUE="(\d+)"/g)].map((match) => Number(match[1]));
    expect(times).toEqual([0, 2480, 2500, 2500, 3000, 3661500]);
    expect(text.match(/<TIER /g)).toHaveLength(3);
    expect(text).toContain('TIER_ID="A &amp; &quot;B&quot; &lt;c&gt;"');
  });

  it('stays a valid file when nobody speaks', () => {
    const empty = diarization([]);
    expect(written('vtt', empty)).toBe('WEBVTT\n');
    for (const format of DIARIZATION_FORMATS) {
      expect(format.read!(format.write(empty), 'rec'), format.name).toEqual([]);
    }
  });

  it('joins overlapping turns of one speaker where a lane can hold only one', () => {
    const doubled = diarization([turn('a', 0, 2), turn('a', 1, 3), turn('a', 3, 4)]);
    for (const name of ['textgrid', 'eaf']) {
      expect(readBack(name, written(name, doubled)), name).toEqual([
        ['a', 0, 3],
        ['a', 3, 4],
      ]);
    }
  });
});

describe('reading back', () => {
  // Labels that every format can carry: one word, no white space, no leading comment or escape sign.
  const label = fc
    .stringMatching(/^[A-Za-zäß][A-Za-z0-9_&<>"'.:-]{0,8}$/)
    .filter((s) => !s.includes('-->'));
  const spans = fc.array(
    fc.record({
      speaker: label,
      startMs: fc.nat(4_000_000),
      gapMs: fc.integer({ min: 1, max: 90_000 }),
    }),
    { maxLength: 12 },
  );

  it.each(DIARIZATION_FORMATS.map((format) => format.name))(
    'gives the turns that were written as %s, to the millisecond',
    (name) => {
      fc.assert(
        fc.property(spans, (list) => {
          // One turn a speaker, so that no lane has to join turns.
          const unique = [...new Map(list.map((span) => [span.speaker, span])).values()];
          const turns = unique.map(({ speaker, startMs, gapMs }) =>
            turn(speaker, startMs / 1000, (startMs + gapMs) / 1000),
          );
          const key = (s: string, startSec: number, endSec: number) =>
            `${s} ${Math.round(startSec * 1000)} ${Math.round(endSec * 1000)}`;
          const format = findDiarizationFormat(name)!;
          const back = format.read!(format.write(diarization(turns)), 'rec');
          expect(back.map((t) => key(t.speaker, t.startSec, t.endSec)).sort()).toEqual(
            turns.map((t) => key(t.speaker, t.startSec, t.endSec)).sort(),
          );
          expect(back.every((t) => t.recording === 'rec')).toBe(true);
        }),
        { numRuns: 50 },
      );
    },
  );

  it('reads WebVTT of other programs: short times, settings, notes, classes and several voices in a cue', () => {
    const text =
      'WEBVTT - title\r\nKind: captions\r\n\r\nNOTE 00:01 --> no cue\r\n\r\nSTYLE\r\n::cue {}\r\n\r\n' +
      '00:01.000 --> 00:02.000 align:start\r\n<v.loud Ann>Hi <i>you</i></v>\r\n<v Bob>Hm</v>\r\n';
    expect(readBack('vtt', text)).toEqual([
      ['Ann', 1, 2],
      ['Bob', 1, 2],
    ]);
  });

  it('reads the short form of a TextGrid and skips point tiers', () => {
    const text =
      'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n3\n<exists>\n2\n"TextTier"\n"marks"\n0\n3\n1\n1.5\n"m"\n' +
      '"IntervalTier"\n"a ""b"" 7"\n0\n3\n2\n0\n1.25\n"12 words"\n1.25\n3\n""\n';
    expect(readBack('textgrid', text)).toEqual([['a "b" 7', 0, 1.25]]);
  });

  it('reads an ELAN file whose tier has no participant, and skips dependent annotations', () => {
    const text =
      '<ANNOTATION_DOCUMENT><TIME_ORDER><TIME_SLOT TIME_SLOT_ID=\'t1\' TIME_VALUE=\'40\'/><TIME_SLOT TIME_VALUE="80" TIME_SLOT_ID="t2"/></TIME_ORDER>' +
      '<TIER TIER_ID="M&#252;ller" PARTICIPANT=""><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2"/></ANNOTATION></TIER>' +
      '<TIER TIER_ID="w"><ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="a1"/></ANNOTATION></TIER></ANNOTATION_DOCUMENT>';
    expect(readBack('eaf', text)).toEqual([['Müller', 0.04, 0.08]]);
  });

  it.each([
    ['vtt', 'WEBVTT\n\n1\n00:00:x --> 00:00:02.000\na\n', 'line 4 has no readable times'],
    ['vtt', 'WEBVTT\n\n00:03.000 --> 00:02.000\na\n', 'line 3 ends before it starts'],
    ['srt', '1\n00:00:01,000 --> 00:00:02,000\n\n', 'the subtitle at line 2 has no text'],
    ['ctm', 'rec 1 0.5\n', 'line 1 has 3 columns'],
    ['ctm', 'rec 1 a 1 b\n', 'line 1 has no readable times'],
    ['audacity', '0\t1\ta\n1\t0\tb\n', 'line 2 has no readable times'],
    ['textgrid', 'hello', 'breaks before the file type'],
    ['textgrid', written('textgrid').slice(0, 600), 'the file ends or breaks before'],
    ['eaf', '<xml/>', 'this is not an ELAN file'],
    [
      'eaf',
      '<ANNOTATION_DOCUMENT><TIER TIER_ID="a"><ALIGNABLE_ANNOTATION ANNOTATION_ID="a7" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2"/>',
      'annotation a7 has no time',
    ],
  ])('refuses a damaged %s file with a sentence', (name, text, message) => {
    expect(() => readBack(name, text)).toThrow(message);
  });
});

describe('DIARIZATION_FORMATS', () => {
  it('has unique names and extensions that start with a dot', () => {
    const names = DIARIZATION_FORMATS.map((format) => format.name);
    expect(new Set(names).size).toBe(names.length);
    expect(DIARIZATION_FORMATS.every((format) => /^\.\w+$/.test(format.extension))).toBe(true);
    expect(findDiarizationFormat('docx')).toBeUndefined();
  });
});
