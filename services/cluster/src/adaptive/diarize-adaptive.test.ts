import { AvdError } from '@avd/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diarizeAdaptive } from './diarize-adaptive.js';
import { agreementOf } from './testing/agreement.js';
import {
  fakeFace,
  fakeVoices,
  roundTable,
  speechOf,
  type FakeTurn,
} from './testing/fake-recording.js';
import type { AdaptiveInput, AdaptiveResult } from './types.js';

const cluster = { offscreen: 'cluster' } as const;

function soundOf(
  turns: readonly FakeTurn[],
  options?: { seed?: number; separation?: number },
): AdaptiveInput {
  const durationSec = Math.max(...turns.map(({ endSec }) => endSec)) + 1;
  return { speech: speechOf(turns), voices: [fakeVoices(turns, durationSec, options)], faces: [] };
}

function agreement(turns: readonly FakeTurn[], result: AdaptiveResult): number {
  return agreementOf(
    turns.map(({ who, ...span }) => ({ ...span, name: who })),
    result.turns.map(({ speaker, ...span }) => ({ ...span, name: speaker })),
  );
}

describe('diarizeAdaptive on sound alone', () => {
  it.each([1, 2, 3, 5])('finds %i speakers and their turns', (people) => {
    const turns = roundTable(people, 3 * people + 3);
    const result = diarizeAdaptive(soundOf(turns), cluster);
    expect(result.speakers.length).toBe(people);
    expect(agreement(turns, result)).toBeGreaterThan(0.97);
  });

  it('finds a change of speaker without a pause', () => {
    const turns = roundTable(2, 8).map((turn) => ({ ...turn, endSec: turn.endSec + 0.5 }));
    const result = diarizeAdaptive(soundOf(turns), cluster);
    expect(result.speakers.length).toBe(2);
    expect(agreement(turns, result)).toBeGreaterThan(0.93);
  });

  it('gives the same bytes twice', () => {
    const input = soundOf(roundTable(3, 9));
    expect(JSON.stringify(diarizeAdaptive(input, cluster))).toBe(
      JSON.stringify(diarizeAdaptive(input, cluster)),
    );
  });

  it('does not care how the voice frames are cut into pieces', () => {
    const input = soundOf(roundTable(2, 6));
    const { columns, data, frameCount } = input.voices[0]!;
    const bytes = Buffer.from(data, 'base64');
    const cut = 777;
    const pieces = [
      {
        startFrame: 0,
        frameCount: cut,
        columns,
        data: bytes.subarray(0, cut * columns.length).toString('base64'),
      },
      {
        startFrame: cut,
        frameCount: frameCount - cut,
        columns,
        data: bytes.subarray(cut * columns.length).toString('base64'),
      },
    ];
    expect(diarizeAdaptive({ ...input, voices: pieces }, cluster)).toEqual(
      diarizeAdaptive(input, cluster),
    );
    expect(() => diarizeAdaptive({ ...input, voices: [pieces[1]!] }, cluster)).toThrow(AvdError);
  });

  it('honours the wanted number of speakers', () => {
    const input = soundOf(roundTable(3, 9));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), (numSpeakers) => {
        expect(diarizeAdaptive(input, { ...cluster, numSpeakers }).speakers.length).toBe(
          numSpeakers,
        );
      }),
      { numRuns: 12 },
    );
    expect(diarizeAdaptive(input, { ...cluster, maxSpeakers: 2 }).speakers.length).toBe(2);
    expect(diarizeAdaptive(input, { ...cluster, minSpeakers: 5 }).speakers.length).toBe(5);
    expect(
      diarizeAdaptive(input, { ...cluster, minSpeakers: 2, maxSpeakers: 4 }).speakers.length,
    ).toBe(3);
  });

  it('gives no turns for no speech, no sound, or speech shorter than 0.1 s', () => {
    const { voices } = soundOf(roundTable(1, 1));
    const none = { turns: [], speakers: [] };
    expect(diarizeAdaptive({ speech: [], voices, faces: [] }, cluster)).toEqual(none);
    expect(
      diarizeAdaptive({ speech: [{ startSec: 0, endSec: 1 }], voices: [], faces: [] }, cluster),
    ).toEqual(none);
    expect(
      diarizeAdaptive({ speech: [{ startSec: 1, endSec: 1.05 }], voices, faces: [] }, cluster),
    ).toEqual(none);
  });

  it('gives one short word to one speaker', () => {
    const { voices } = soundOf(roundTable(1, 1));
    const { turns } = diarizeAdaptive(
      { speech: [{ startSec: 1, endSec: 1.3 }], voices, faces: [] },
      cluster,
    );
    expect(turns).toMatchObject([{ speaker: 'spk00', startSec: 1, endSec: 1.3 }]);
  });

  it('survives digital silence marked as speech', () => {
    const columns = soundOf(roundTable(1, 1)).voices[0]!.columns;
    const data = Buffer.alloc(300 * columns.length).toString('base64');
    const voices = [{ startFrame: 0, frameCount: 300, columns, data }];
    const result = diarizeAdaptive(
      { speech: [{ startSec: 0, endSec: 3 }], voices, faces: [] },
      cluster,
    );
    expect(result.speakers.length).toBe(1);
  });

  it('keeps turns in order, inside speech, with shares in [0, 1]', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(99),
        (people, count, seed) => {
          const input = soundOf(roundTable(people, count), { seed, separation: 0.4 });
          const { turns, speakers } = diarizeAdaptive(input, cluster);
          let lastStartSec = 0;
          for (const { startSec, endSec, confidence, evidence } of turns) {
            expect(startSec).toBeGreaterThanOrEqual(lastStartSec);
            lastStartSec = startSec;
            expect(endSec).toBeGreaterThan(startSec);
            for (const share of [
              confidence,
              ...Object.values(evidence as Record<string, number>),
            ]) {
              expect(share).toBeGreaterThanOrEqual(0);
              expect(share).toBeLessThanOrEqual(1);
            }
          }
          const speechSec = input.speech.reduce(
            (sum, span) => sum + span.endSec - span.startSec,
            0,
          );
          const turnSec = turns.reduce((sum, turn) => sum + turn.endSec - turn.startSec, 0);
          expect(turnSec).toBeCloseTo(speechSec, 1);
          expect(speakers.reduce((sum, speaker) => sum + speaker.turnCount, 0)).toBe(turns.length);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('diarizeAdaptive with faces', () => {
  /** Voices too alike to be told apart by sound. */
  const alike = { separation: 0.12 };
  const turns = roundTable(3, 12);
  const whole = { startSec: 0, endSec: 60 };
  const faces = [0, 1, 2].map((who) => fakeFace(who, who, turns, whole));

  it('tells alike voices apart by the lips', () => {
    const blind = diarizeAdaptive(soundOf(turns, alike), cluster);
    const seeing = diarizeAdaptive({ ...soundOf(turns, alike), faces }, cluster);
    expect(agreement(turns, blind)).toBeLessThan(0.8);
    expect(agreement(turns, seeing)).toBeGreaterThan(0.95);
    expect(seeing.speakers.map(({ trackIndexes }) => trackIndexes)).toEqual([[0], [1], [2]]);
  });

  it('gives every turn the track that speaks and why', () => {
    const { turns: found } = diarizeAdaptive({ ...soundOf(turns), faces }, cluster);
    for (const turn of found) {
      expect(turn.trackIndex).toBe(Number(turn.speaker.slice(3)));
      expect(turn.evidence.lipSync).toBeGreaterThan(0.5);
      expect(turn.evidence.voice).toBeGreaterThan(0.5);
      expect(turn.confidence).toBeGreaterThan(0.5);
    }
  });

  it('gives the same turns whatever the order of the tracks', () => {
    const input = { ...soundOf(turns, alike), faces };
    const straight = diarizeAdaptive(input, cluster);
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (order) => {
        const shuffled = diarizeAdaptive({ ...input, faces: order.map((i) => faces[i]!) }, cluster);
        expect(shuffled.turns).toEqual(straight.turns);
      }),
      { numRuns: 6 },
    );
  });

  it('is not fooled by a silent person whose lips always move', () => {
    const people = roundTable(2, 10);
    const chewing = [
      fakeFace(0, 0, people, whole),
      fakeFace(1, 7, people, whole, { alwaysMove: true }),
    ];
    const result = diarizeAdaptive({ ...soundOf(people), faces: chewing }, cluster);
    expect(result.speakers.length).toBe(2);
    expect(agreement(people, result)).toBeGreaterThan(0.95);
  });

  it('hears two people at once when both faces clearly speak', () => {
    const people: FakeTurn[] = [...roundTable(2, 6)];
    const last = people.at(-1)!;
    const both = [
      { startSec: last.endSec + 0.5, endSec: last.endSec + 5.5, who: 0 },
      { startSec: last.endSec + 2.5, endSec: last.endSec + 5.5, who: 1 },
    ];
    const all = [...people, ...both];
    const seen = [0, 1].map((who) =>
      fakeFace(who, who, all, whole, { sharpness: 2.5, noise: 0.5 }),
    );
    const result = diarizeAdaptive({ ...soundOf(all), faces: seen }, cluster);
    const startSec = last.endSec + 3;
    const during = result.turns.filter(
      (turn) => turn.startSec <= startSec && turn.endSec >= startSec + 2,
    );
    expect(new Set(during.map(({ speaker }) => speaker)).size).toBe(2);
  });

  it('keeps voices off screen apart, or calls them all unknown', () => {
    const input = { ...soundOf(turns), faces: faces.slice(0, 1) };
    expect(diarizeAdaptive(input, cluster).speakers.length).toBe(3);
    const labels = diarizeAdaptive(input, { offscreen: 'unknown' }).speakers.map(
      ({ label }) => label,
    );
    expect(labels).toEqual(['spk00', 'unknown']);
  });

  it('takes tracks without a face number, and faces outside of the sound', () => {
    const loose = faces.map(({ trackIndex, startFrame, endFrame, speaking }) => ({
      trackIndex,
      startFrame,
      endFrame,
      speaking,
    }));
    const late = {
      trackIndex: 9,
      startFrame: 90_000,
      endFrame: 90_010,
      speaking: Array<number>(10).fill(0.9),
    };
    const result = diarizeAdaptive({ ...soundOf(turns), faces: [...loose, late] }, cluster);
    expect(result.speakers.length).toBe(3);
    expect(agreement(turns, result)).toBeGreaterThan(0.95);
  });
});
