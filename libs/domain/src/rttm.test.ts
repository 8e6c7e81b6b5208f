import { describe, expect, it } from 'vitest';
import { AvdError } from './errors.js';
import { diarizationToRttmTurns, formatRttm, parseRttm } from './rttm.js';

function errorOf(run: () => unknown): AvdError {
  try {
    run();
  } catch (error) {
    if (error instanceof AvdError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('parseRttm', () => {
  it('reads recording, speaker and times', () => {
    expect(parseRttm('SPEAKER rec 1 1.500000 2.25 <NA> <NA> spk00 <NA> <NA>\n')).toEqual([
      { recording: 'rec', speaker: 'spk00', startSec: 1.5, endSec: 3.75 },
    ]);
  });

  it('accepts comments, blank lines, tabs, Windows line ends, a byte order mark and missing last columns', () => {
    const text =
      '\uFEFF;; comment\r\n\r\n# another\r\nspeaker\trec\t1\t0\t1\t<NA>\t<NA>\ta\r\n  SPEAKER rec 1 1 .5 <NA> <NA> b <NA>\r\n';
    expect(parseRttm(text).map(({ speaker, endSec }) => [speaker, endSec])).toEqual([
      ['a', 1],
      ['b', 1.5],
    ]);
  });

  it('skips other RTTM line types and turns of length zero', () => {
    const text =
      'SPKR-INFO rec 1 <NA> <NA> <NA> unknown a <NA>\nNON-SPEECH rec 1 0 1 <NA> <NA> <NA> <NA>\nSPEAKER rec 1 3 0.00 <NA> <NA> a <NA> <NA>\n';
    expect(parseRttm(text)).toEqual([]);
  });

  it('understands a recording name with spaces as the reference pipeline writes it', () => {
    const [turn] = parseRttm('SPEAKER My talk 1 1.00 5.00 <NA> <NA> ID_0 <NA> <NA>');
    expect(turn).toEqual({ recording: 'My talk', speaker: 'ID_0', startSec: 1, endSec: 6 });
  });

  it.each([
    ['SPEAKER rec 1 0.0 1.0', '5 columns'],
    ['SPEAKER rec 1 zero 1.0 <NA> <NA> a', 'the start time "zero" is not a number'],
    ['SPEAKER rec 1 0.0 Infinity <NA> <NA> a', 'the duration "Infinity" is not a number'],
    ['SPEAKER rec 1 -1 1.0 <NA> <NA> a', 'the start time -1 is negative'],
    ['SPEAKER rec 1 1 -1.0 <NA> <NA> a', 'the duration -1.0 is negative'],
    ['start,end,speaker', '"start,end,speaker" is not an RTTM line type'],
  ])('refuses %j and says why', (line, reason) => {
    const error = errorOf(() => parseRttm(`; header\n${line}\n`, { sourceName: 'ref.rttm' }));
    expect(error).toMatchObject({ kind: 'invalidInput', reason: 'BAD_RTTM' });
    expect(error.message).toContain(`ref.rttm line 2: `);
    expect(error.message).toContain(reason);
  });
});

describe('formatRttm', () => {
  const turns = [
    { recording: 'My talk', speaker: 'Ann Lee', startSec: 0.04, endSec: 0.1 + 0.2 },
    { recording: 'My talk', speaker: '', startSec: 3599.96, endSec: 7200 },
  ];

  it('writes ten columns with three decimals and no white space inside of names', () => {
    expect(formatRttm(turns)).toBe(
      'SPEAKER My_talk 1 0.040 0.260 <NA> <NA> Ann_Lee <NA> <NA>\n' +
        'SPEAKER My_talk 1 3599.960 3600.040 <NA> <NA> <NA> <NA> <NA>\n',
    );
  });

  it('writes two decimals and keeps spaces like the reference pipeline when asked to', () => {
    expect(formatRttm(turns.slice(0, 1), { decimals: 2, spaces: 'keep' })).toBe(
      'SPEAKER My talk 1 0.04 0.26 <NA> <NA> Ann Lee <NA> <NA>\n',
    );
  });

  it('gives back what it wrote, in the same order', () => {
    const written = [
      { recording: 'a', speaker: 'x', startSec: 5, endSec: 7.125 },
      { recording: 'a', speaker: 'y', startSec: 0.5, endSec: 6 },
    ];
    expect(parseRttm(formatRttm(written))).toEqual(written);
  });
});

describe('diarizationToRttmTurns', () => {
  it('keeps the order of the turns and names the recording', () => {
    const turn = { speaker: 'b', startSec: 2, endSec: 3, confidence: 1, evidence: {} };
    const diarization = {
      recording: 'rec',
      durationSec: 5,
      turns: [turn, { ...turn, startSec: 0, endSec: 1 }],
      speakers: [],
      notices: [],
    };
    expect(diarizationToRttmTurns(diarization)).toEqual([
      { recording: 'rec', speaker: 'b', startSec: 2, endSec: 3 },
      { recording: 'rec', speaker: 'b', startSec: 0, endSec: 1 },
    ]);
  });
});
