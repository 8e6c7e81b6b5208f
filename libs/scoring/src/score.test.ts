import type { RttmTurn } from '@avd/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreRecordings } from './score.js';

const turn = (recording: string, speaker: string, startSec: number, endSec: number): RttmTurn => ({
  recording,
  speaker,
  startSec,
  endSec,
});

const turns = fc.array(
  fc
    .tuple(
      fc.constantFrom('rec1', 'rec2', 'rec3'),
      fc.constantFrom('a', 'b', 'c'),
      fc.nat(900),
      fc.integer({ min: 1, max: 400 }),
    )
    .map(([recording, speaker, start, duration]) =>
      turn(recording, speaker, start / 100, (start + duration) / 100),
    ),
  { minLength: 1, maxLength: 20 },
);

describe('scoreRecordings', () => {
  const ref = [turn('a', 'A', 0, 6), turn('a', 'B', 6, 10), turn('b', 'A', 0, 10)];

  it('gives a perfect hypothesis perfect scores whatever its labels', () => {
    fc.assert(
      fc.property(turns, (reference) => {
        const hypothesis = reference.map((t) => ({ ...t, speaker: `spk-${t.speaker}` }));
        const { overall, files } = scoreRecordings(reference, hypothesis);
        for (const scores of [overall, ...files]) {
          expect(scores).toMatchObject({
            derPercent: 0,
            jerPercent: 0,
            refGivenHypBits: 0,
            hypGivenRefBits: 0,
          });
          for (const one of [scores.bcubedF1, scores.tauRefToHyp, scores.normalizedMutualInfo]) {
            expect(one).toBeCloseTo(1, 9);
          }
        }
        expect(overall.speakerCounts).toEqual({
          exactPercent: 100,
          offByOnePercent: 0,
          meanAbsDifference: 0,
        });
      }),
    );
  });

  it('adds the times of the recordings up and keeps every score in its range', () => {
    fc.assert(
      fc.property(turns, turns, (reference, hypothesis) => {
        const { overall, files } = scoreRecordings(reference, hypothesis);
        const withReference = files.filter((file) => file.refSpeakerCount > 0);
        const missedSec = withReference.reduce((sum, file) => sum + file.missedSec, 0);
        expect(overall.missedSec).toBeCloseTo(missedSec, 6);
        for (const scores of [overall, ...files]) {
          for (const value of [
            scores.bcubedPrecision,
            scores.bcubedRecall,
            scores.normalizedMutualInfo,
            scores.jerPercent / 100,
            scores.tauHypToRef,
          ]) {
            expect(value).toBeGreaterThanOrEqual(-1e-9);
            expect(value).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      }),
    );
  });

  it('swaps the directed scores when reference and hypothesis are swapped', () => {
    fc.assert(
      fc.property(turns, turns, (one, other) => {
        const forward = scoreRecordings(one, other).overall;
        const backward = scoreRecordings(other, one).overall;
        expect(backward.bcubedPrecision).toBeCloseTo(forward.bcubedRecall, 9);
        expect(backward.tauRefToHyp).toBeCloseTo(forward.tauHypToRef, 9);
        expect(backward.refGivenHypBits).toBeCloseTo(forward.hypGivenRefBits, 9);
        expect(backward.mutualInfoBits).toBeCloseTo(forward.mutualInfoBits, 9);
      }),
    );
  });

  it('lists recordings by name with the speakers it took for the same person', () => {
    const hyp = [turn('b', 'y', 0, 10), turn('a', 'q', 0, 6), turn('a', 'p', 6, 9)];
    const { files } = scoreRecordings(ref, hyp);
    expect(files.map((file) => [file.recording, file.speakerPairs])).toEqual([
      [
        'a',
        [
          { ref: 'A', hyp: 'q' },
          { ref: 'B', hyp: 'p' },
        ],
      ],
      ['b', [{ ref: 'A', hyp: 'y' }]],
    ]);
  });

  it('counts a recording without hypothesis as missed', () => {
    const { files, overall } = scoreRecordings(ref, ref.slice(0, 2));
    expect(files[1]).toMatchObject({ recording: 'b', derPercent: 100, jerPercent: 100 });
    expect(overall.derPercent).toBe(50);
  });

  it('lists a recording that only the hypothesis has but keeps it out of the overall error rate', () => {
    const { files, overall } = scoreRecordings(ref, [...ref, turn('c', 'x', 0, 5)]);
    expect(files[2]).toMatchObject({ recording: 'c', derPercent: 100, falseAlarmSec: 5 });
    expect(overall).toMatchObject({ derPercent: 0, falseAlarmSec: 0, jerPercent: 0 });
    const byReference = scoreRecordings(ref, [turn('c', 'x', 0, 5)], { uem: 'reference' });
    expect(byReference.files.map((file) => file.recording)).toEqual(['a', 'b']);
  });

  it('scores only the regions of a UEM and the speakers in them', () => {
    const uem = [{ recording: 'a', startSec: 0, endSec: 5 }];
    const { files, overall } = scoreRecordings(ref, [turn('a', 'x', 0, 4)], { uem });
    expect(files).toHaveLength(1);
    expect(overall).toMatchObject({ scoredSec: 5, missedSec: 1, refSpeakerCount: 1 });
  });

  it('says how often the number of speakers is right', () => {
    const hyp = [turn('a', 'x', 0, 10), turn('b', 'y', 0, 10)];
    expect(scoreRecordings(ref, hyp).overall.speakerCounts).toEqual({
      exactPercent: 50,
      offByOnePercent: 50,
      meanAbsDifference: 0.5,
    });
  });

  it('scores a recording shorter than one frame', () => {
    const blip = [turn('a', 'A', 0, 0.004)];
    expect(scoreRecordings(blip, blip).overall).toMatchObject({ derPercent: 0, jerPercent: 0 });
  });

  it('refuses to score nothing', () => {
    expect(() => scoreRecordings([], [])).toThrow('neither the reference nor the hypothesis');
    expect(() => scoreRecordings([], ref, { uem: 'reference' })).toThrow('the reference has no');
    expect(() => scoreRecordings(ref, ref, { uem: [] })).toThrow('the UEM has no regions');
  });
});
