import type { TimeSpan } from '@avd/domain';
import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSegmentCollector, vadFrameCount } from './segment-collector.js';

const reference = { frameMs: 30, paddingMs: 300 };

function collect(decisions: Iterable<boolean>, options = reference): TimeSpan[] {
  const collector = createSegmentCollector(options);
  const closed = [...decisions].map((isSpeech) => collector.push(isSpeech));
  return [...closed, collector.finish()].filter((segment) => segment !== undefined);
}

const fromString = (decisions: string): boolean[] =>
  [...decisions].map((decision) => decision === '1');
const repeat = (isSpeech: boolean, count: number): boolean[] =>
  Array.from({ length: count }, () => isSpeech);

describe.skipIf(!hasShared)('createSegmentCollector against vad_collector', () => {
  const golden = hasShared ? new GoldenCase('audio/webrtcvad') : undefined;

  it('makes the same segments, bit for bit', () => {
    const { vad_collector: cases } = golden!.values<{
      vad_collector: { data: Record<string, { decisions: string; segments: [number, number][] }> };
    }>();
    expect(Object.keys(cases.data).length).toBeGreaterThan(5);
    for (const [name, { decisions, segments }] of Object.entries(cases.data)) {
      const expected = segments.map(([startSec, durationSec]) => ({
        startSec,
        endSec: startSec + durationSec,
      }));
      expect(collect(fromString(decisions)), name).toEqual(expected);
    }
  });

  it('starts segments at sums of 0.03', () => {
    const timestampsSec = golden!.array('timestamps_30ms').data as Float64Array;
    for (const frameIndex of [0, 1, 25, 76, 664, 3989]) {
      const [segment] = collect([...repeat(false, frameIndex), ...repeat(true, 10)]);
      expect(segment!.startSec).toBe(timestampsSec[frameIndex]);
    }
  });
});

describe('createSegmentCollector', () => {
  it('spans the frames from the first vote to open to the last vote to close', () => {
    const [segment] = collect([...repeat(false, 4), ...repeat(true, 20), ...repeat(false, 30)]);
    expect(segment!.startSec).toBeCloseTo(0.12, 10);
    expect(segment!.endSec).toBeCloseTo(1.02, 10);
  });

  it('needs 28 of 30 votes with frames of 10 ms', () => {
    const decisions = (silentVotes: number): boolean[] => [
      ...repeat(true, 20),
      ...repeat(false, silentVotes),
      ...repeat(true, 10 - silentVotes),
    ];
    const options = { frameMs: 10, paddingMs: 300 };
    expect(collect(decisions(3), options)).toHaveLength(0);
    expect(collect(decisions(2), options)).toHaveLength(1);
  });

  it('never makes segments that overlap, run beyond the sound or are shorter than the vote', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 25 })), { maxLength: 30 }),
        fc.constantFrom(10, 20, 30),
        (runs, frameMs) => {
          const decisions = runs.flatMap(([isSpeech, count]) => repeat(isSpeech, count));
          let previousEndSec = 0;
          for (const { startSec, endSec } of collect(decisions, { frameMs, paddingMs: 300 })) {
            expect(startSec).toBeGreaterThanOrEqual(previousEndSec - 1e-9);
            expect(endSec - startSec).toBeGreaterThanOrEqual(0.9 * 0.3);
            previousEndSec = endSec;
          }
          expect(previousEndSec).toBeLessThanOrEqual((decisions.length * frameMs) / 1000 + 1e-9);
        },
      ),
    );
  });

  it('refuses a vote shorter than a frame', () => {
    expect(() => createSegmentCollector({ frameMs: 30, paddingMs: 29 })).toThrow(RangeError);
  });
});

describe('vadFrameCount', () => {
  it.each([
    [0, 0],
    [479, 0],
    [480, 0],
    [481, 1],
    [24_000, 49],
    [24_001, 50],
  ])(
    'makes of %d samples %d frames: one that ends with the sound is dropped',
    (sampleCount, frames) => {
      expect(vadFrameCount(sampleCount, 480)).toBe(frames);
    },
  );
});
