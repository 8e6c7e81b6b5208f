import { readFileSync } from 'node:fs';
import { formatRttm, parseRttm, type RttmTurn } from '@avd/domain';
import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { diarizationErrorRate, scoreRecordings, type Scores } from './index.js';

interface GoldenScores {
  readonly file_id: string;
  readonly der: number;
  readonly jer: number;
  readonly [metric: string]: number | string;
}

interface MdEval {
  readonly scored_speaker_time: number;
  readonly missed_speaker_time: number;
  readonly falarm_speaker_time: number;
  readonly speaker_error_time: number;
  readonly der_percent: number;
}

interface Pair {
  readonly name: string;
  readonly ref: readonly string[];
  readonly hyp: readonly string[];
  readonly dscore: Record<string, { files: GoldenScores[]; overall: GoldenScores }>;
  readonly md_eval_with_uem: Record<string, MdEval>;
  readonly md_eval_no_uem: Record<string, MdEval>;
}

const golden = hasShared ? new GoldenCase('scoring') : undefined;
const pairs = golden?.values<{ pairs: Pair[] }>().pairs ?? [];
const tolerance = (golden?.json['tolerance'] ?? {}) as Record<string, number>;

function turnsOf(files: readonly string[]): RttmTurn[] {
  return files.flatMap((file) => parseRttm(readFileSync(golden!.file(file), 'utf8')));
}

const CLUSTERING: readonly (readonly [string, keyof Scores])[] = [
  ['bcubed_precision', 'bcubedPrecision'],
  ['bcubed_recall', 'bcubedRecall'],
  ['bcubed_f1', 'bcubedF1'],
  ['tau_ref_sys', 'tauRefToHyp'],
  ['tau_sys_ref', 'tauHypToRef'],
  ['ce_ref_sys', 'refGivenHypBits'],
  ['ce_sys_ref', 'hypGivenRefBits'],
  ['mi', 'mutualInfoBits'],
  ['nmi', 'normalizedMutualInfo'],
];

function expectWithin(actual: number, expected: number, limit: number, what: string): void {
  expect(
    Math.abs(actual - expected),
    `${what}: ${actual} instead of ${expected}`,
  ).toBeLessThanOrEqual(limit);
}

function expectScores(actual: Scores, expected: GoldenScores): void {
  expectWithin(actual.derPercent, expected.der, tolerance['der']!, 'der');
  expectWithin(actual.jerPercent, expected.jer, tolerance['jer']!, 'jer');
  for (const [theirs, ours] of CLUSTERING) {
    expectWithin(actual[ours], expected[theirs] as number, tolerance['others']!, theirs);
  }
}

function expectMdEval(actual: Scores, expected: MdEval): void {
  const limit = tolerance['md_eval_times']!;
  expectWithin(actual.scoredSec, expected.scored_speaker_time, limit, 'scored');
  expectWithin(actual.missedSec, expected.missed_speaker_time, limit, 'missed');
  expectWithin(actual.falseAlarmSec, expected.falarm_speaker_time, limit, 'false alarm');
  expectWithin(actual.confusionSec, expected.speaker_error_time, limit, 'confusion');
  expectWithin(actual.derPercent, expected.der_percent, limit, 'der');
}

const CONDITIONS = [0, 0.25].flatMap((collarSec) =>
  [false, true].map((skipOverlap) => ({
    collarSec,
    skipOverlap,
    key: `collar_${collarSec === 0 ? '0.0' : '0.25'}_${skipOverlap ? 'ignore' : 'keep'}_overlap`,
  })),
);

describe.skipIf(!hasShared)('golden scores of dscore and md-eval', () => {
  it('covers all pairs', () => {
    expect(pairs).toHaveLength(19);
  });

  it.each(pairs.flatMap((pair) => CONDITIONS.map((condition) => ({ pair, ...condition }))))(
    'are met for $pair.name, $key',
    ({ pair, key, collarSec, skipOverlap }) => {
      const ref = turnsOf(pair.ref);
      const hyp = turnsOf(pair.hyp);
      const whole = scoreRecordings(ref, hyp, { collarSec, skipOverlap });
      const expected = pair.dscore[key]!;
      expect(whole.files.map((file) => file.recording)).toEqual(
        expected.files.map((file) => file.file_id).sort(),
      );
      for (const file of whole.files) {
        expectScores(
          file,
          expected.files.find((other) => other.file_id === file.recording)!,
        );
      }
      expectScores(whole.overall, expected.overall);
      expectMdEval(whole.overall, pair.md_eval_with_uem[key]!);

      const byReference = scoreRecordings(ref, hyp, { collarSec, skipOverlap, uem: 'reference' });
      expectMdEval(byReference.overall, pair.md_eval_no_uem[key]!);

      if (pair.ref.length > 1) return;
      const light = diarizationErrorRate(ref, hyp, { collarSec, skipOverlap });
      expect(whole.files[0]).toMatchObject(light);
    },
  );

  it.each(['two_alternating', 'overlapping_speech', 'track_edges'])(
    'and RTTM of the reference (%s) is written back byte for byte',
    (scenario) => {
      const text = readFileSync(new GoldenCase(`diarizer/${scenario}`).file('result.rttm'), 'utf8');
      expect(formatRttm(parseRttm(text), { decimals: 2, spaces: 'keep' })).toBe(text);
    },
  );
});
