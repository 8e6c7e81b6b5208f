import { AvdError } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import { gatherLipEvidence, lipBelief } from './lip-evidence.js';
import { differentSpeakers, evidenceOf } from './same-speaker.js';
import { cutCells } from './speech-cells.js';
import { fakeVoices, type FakeTurn } from './testing/fake-recording.js';
import type { FaceEvidence } from './types.js';
import { toVoiceMatrix } from './voice-matrix.js';
import { learnVoiceSpace } from './voice-space.js';

/** Stretches 0-2 s and 3-5 s; who speaks in each, and faces given by their score in each (undefined: not seen). */
function oddsOf(
  who: readonly [number, number],
  scores: readonly (readonly [number | undefined, number | undefined])[],
  separation = 0,
): number {
  const turns: FakeTurn[] = [
    { startSec: 0, endSec: 2, who: who[0] },
    { startSec: 3, endSec: 5, who: who[1] },
  ];
  const faces = scores.flatMap((pair, faceId) =>
    pair.flatMap((score, stretch): FaceEvidence[] => {
      if (score === undefined) return [];
      const startFrame = 75 * stretch;
      const speaking = Array<number>(50).fill(score);
      return [
        {
          trackIndex: 2 * faceId + stretch,
          startFrame,
          endFrame: startFrame + 50,
          speaking,
          faceId,
        },
      ];
    }),
  );
  const voices = toVoiceMatrix([fakeVoices(turns, 6, { separation })]);
  const cells = cutCells(voices, turns);
  const lips = gatherLipEvidence(cells, faces);
  const ranges = [
    { start: 0, end: 20 },
    { start: 20, end: 40 },
  ] as const;
  const space = learnVoiceSpace(voices, cells, ranges);
  const [a, b] = ranges.map((range) => evidenceOf(space, lips, range));
  return differentSpeakers(a!, b!, space.speakerVariance, lips);
}

describe('differentSpeakers', () => {
  const blind = oddsOf([0, 0], []);

  it('is lowered by one face that speaks in both stretches', () => {
    expect(oddsOf([0, 0], [[0.9, 0.9]])).toBeLessThan(blind - 2);
  });

  it('is raised by a face that speaks in one stretch and is seen silent in the other', () => {
    expect(oddsOf([0, 0], [[0.05, 0.95]])).toBeGreaterThan(blind + 1);
  });

  it('is raised more by two faces that were seen together than by two that were not', () => {
    const together = oddsOf(
      [0, 0],
      [
        [0.95, 0.05],
        [0.05, 0.95],
      ],
    );
    const apart = oddsOf(
      [0, 0],
      [
        [0.95, undefined],
        [undefined, 0.95],
      ],
    );
    expect(apart).toBeGreaterThan(blind);
    expect(together).toBeGreaterThan(apart + 1);
  });

  it('follows the voices against a face that moves in both stretches', () => {
    expect(oddsOf([0, 1], [[0.95, 0.95]], 1.5)).toBeGreaterThan(3);
  });

  it('does not change for faces whose lips say nothing', () => {
    expect(oddsOf([0, 0], [[0.5, 0.5]])).toBeCloseTo(blind, 0);
  });
});

describe('lipBelief', () => {
  const voices = toVoiceMatrix([fakeVoices([{ startSec: 0, endSec: 2, who: 0 }], 2)]);
  const cells = cutCells(voices, [{ startSec: 0, endSec: 2 }]);
  const face = (trackIndex: number, score: number): FaceEvidence => ({
    trackIndex,
    startFrame: 0,
    endFrame: 50,
    speaking: Array<number>(50).fill(score),
  });

  it('believes in the one who moves the lips, and leaves a rest for somebody off screen', () => {
    const [silent, speaking] = lipBelief(gatherLipEvidence(cells, [face(0, 0.1), face(1, 0.9)]), {
      start: 0,
      end: cells.count,
    });
    expect(silent!.probability).toBeLessThan(0.01);
    expect(speaking!.probability).toBeGreaterThan(0.9);
    expect(silent!.probability + speaking!.probability).toBeLessThan(1);
  });

  it('refuses a track without a score for every frame', () => {
    expect(() => gatherLipEvidence(cells, [{ ...face(0, 0.5), endFrame: 60 }])).toThrow(AvdError);
  });
});
