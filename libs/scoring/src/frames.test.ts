import type { TimeSpan } from '@avd/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusteringScores, contingencySums } from './clustering.js';
import { countFrames } from './frames.js';
import { trimTurns, type SpeakerTurn } from './regions.js';

const turns = fc.array(
  fc
    .record({
      speaker: fc.constantFrom('a', 'b', 'c'),
      // Times off the frame grid and on it, where 0.01 * n in double precision decides.
      start: fc.oneof(fc.nat(700), fc.double({ min: 0, max: 700, noNaN: true })),
      duration: fc.oneof(
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0.1, max: 300, noNaN: true }),
      ),
    })
    .map(({ speaker, start, duration }) => ({
      speaker,
      startSec: start / 100,
      endSec: (start + duration) / 100,
    })),
  { maxLength: 10 },
);
const regions = fc.constantFrom<TimeSpan[]>(
  [{ startSec: 0, endSec: 12 }],
  [{ startSec: 0.333, endSec: 7.777 }],
  [
    { startSec: 0.5, endSec: 2 },
    { startSec: 3.14159, endSec: 8.2 },
  ],
);

/** What dscore does: one label set for each 10 ms frame that lies in a region. */
function labelEachFrame(list: readonly SpeakerTurn[], scored: readonly TimeSpan[]): string[] {
  const lastSec = Math.max(...scored.map((region) => region.endSec));
  const labels: string[] = [];
  for (let frame = 0; frame < Math.trunc(lastSec / 0.01); frame++) {
    const timeSec = frame * 0.01;
    const within = (span: TimeSpan): boolean => span.startSec <= timeSec && timeSec < span.endSec;
    if (!scored.some(within)) continue;
    labels.push([...new Set(list.filter(within).map((t) => t.speaker))].sort().join());
  }
  return labels;
}

describe('countFrames', () => {
  it('counts what a walk over all frames counts', () => {
    fc.assert(
      fc.property(turns, turns, regions, (ref, hyp, scored) => {
        const refLabels = labelEachFrame(ref, scored);
        const hypLabels = labelEachFrame(hyp, scored);
        const expected = new Map<string, number>();
        refLabels.forEach((label, frame) => {
          const key = `${label}|${hypLabels[frame]!}`;
          expected.set(key, (expected.get(key) ?? 0) + 1);
        });
        const counts = countFrames(trimTurns(ref, scored), trimTurns(hyp, scored), scored);
        const cells = counts.contingency.cells;
        expect(cells.map((cell) => cell.count).sort()).toEqual([...expected.values()].sort());
        expect(cells.reduce((sum, cell) => sum + cell.count, 0)).toBe(refLabels.length);
        const speakers = [...new Set(trimTurns(ref, scored).map((t) => t.speaker))].sort();
        expect([...counts.refFrames]).toEqual(
          speakers.map((s) => refLabels.filter((label) => label.split(',').includes(s)).length),
        );
      }),
    );
  });
});

describe('clusteringScores', () => {
  it('follows its definitions on a small table', () => {
    // Rows: reference classes of 6 and 4 frames; columns: hypothesis classes of 5 and 5 frames.
    const scores = clusteringScores(
      contingencySums({
        rowTotals: [6, 4],
        columnTotals: [5, 5],
        cells: [
          { row: 0, column: 0, count: 5 },
          { row: 0, column: 1, count: 1 },
          { row: 1, column: 1, count: 4 },
        ],
      }),
    );
    const plogp = (p: number): number => -p * Math.log2(p);
    const refBits = plogp(0.6) + plogp(0.4);
    const jointBits = plogp(0.5) + plogp(0.1) + plogp(0.4);
    expect(scores.bcubedPrecision).toBeCloseTo((25 / 5 + 1 / 5 + 16 / 5) / 10, 12);
    expect(scores.bcubedRecall).toBeCloseTo((25 / 6 + 1 / 6 + 16 / 4) / 10, 12);
    expect(scores.refGivenHypBits).toBeCloseTo(jointBits - 1, 12);
    expect(scores.hypGivenRefBits).toBeCloseTo(jointBits - refBits, 12);
    expect(scores.mutualInfoBits).toBeCloseTo(refBits + 1 - jointBits, 12);
    expect(scores.normalizedMutualInfo).toBeCloseTo(
      (refBits + 1 - jointBits) / Math.sqrt(refBits),
      12,
    );
    expect(scores.tauRefToHyp).toBeCloseTo((scores.bcubedRecall - 0.5) / 0.5, 12);
    expect(scores.tauHypToRef).toBeCloseTo((scores.bcubedPrecision - 0.52) / 0.48, 12);
  });

  it('calls two labellings without any frame equal', () => {
    const empty = contingencySums({ rowTotals: [], columnTotals: [], cells: [] });
    expect(clusteringScores(empty)).toMatchObject({
      bcubedF1: 1,
      tauRefToHyp: 1,
      refGivenHypBits: 0,
      normalizedMutualInfo: 1,
    });
  });
});
