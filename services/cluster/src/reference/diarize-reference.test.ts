import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RowMatrix } from '../agglomerative-cosine.js';
import { diarizeReference } from './diarize-reference.js';
import { identifySpeakers } from './speaker-voices.js';
import {
  REFERENCE_DEFAULTS,
  UNKNOWN_SPEAKER,
  type ReferenceInput,
  type ReferenceResult,
  type ReferenceTrack,
} from './types.js';

const NO_VOICES: RowMatrix = { data: new Float32Array(0), rowCount: 0, columnCount: 0 };

/** A voice every 0.2 s: `voiceAt` names the axis it points to. */
function voicesOf(rowCount: number, voiceAt: (row: number) => number, columnCount = 4): RowMatrix {
  const data = new Float32Array(rowCount * columnCount).fill(0.02);
  for (let row = 0; row < rowCount; row++) data[row * columnCount + voiceAt(row)] = 1;
  return { data, rowCount, columnCount };
}

/** A face that speaks in the given frames of its track. */
function speakingTrack(
  trackIndex: number,
  faceId: number,
  startFrame: number,
  frameCount: number,
  spoken: readonly (readonly [number, number])[],
): ReferenceTrack {
  const confidence = new Float32Array(frameCount);
  for (const [start, end] of spoken) confidence.fill(0.8, start, end);
  const speech = spoken.map(([start, end]) => ({ startSec: start / 25, endSec: end / 25 }));
  return { trackIndex, faceId, startFrame, frameCount, lipSync: { confidence }, speech };
}

const timesOf = (result: ReferenceResult) =>
  result.entries.map(({ label, startFrame, endFrame }) => [label, startFrame, endFrame]);

describe.each([true, false])('where the reference fails (quirks: %s)', (quirks) => {
  it('returns nothing for a recording without speech', () => {
    const result = diarizeReference({ tracks: [], speech: [], voices: NO_VOICES }, { quirks });
    expect(result.entries).toEqual([]);
    expect(result.notices).toEqual(['No speech was found in the sound.']);
  });

  it('labels all speech unknown without tracks and without voices', () => {
    const speech = [{ startSec: 1, endSec: 3 }];
    const result = diarizeReference({ tracks: [], speech, voices: NO_VOICES }, { quirks });
    expect(timesOf(result)).toEqual([[UNKNOWN_SPEAKER, 25, 75]]);
    expect(result.notices).toHaveLength(2);
  });

  it('groups speech by voice without tracks when asked to', () => {
    const voices = voicesOf(300, (row) => (row < 100 || row >= 200 ? 2 : 1));
    const speech = [{ startSec: 0, endSec: 61 }];
    const result = diarizeReference(
      { tracks: [], speech, voices },
      { quirks, groupUnknownVoices: true },
    );
    expect(result.entries.map(({ label }) => label)).toEqual(['VOICE_0', 'VOICE_1', 'VOICE_0']);
    for (const [index, frame] of [0, 525, 1025].entries()) {
      expect(Math.abs(result.entries[index]!.startFrame - frame)).toBeLessThanOrEqual(3);
    }
  });

  it('numbers grouped voices behind the known speakers and leaves those alone', () => {
    const voices = voicesOf(200, (row) => (row < 100 ? 0 : 3));
    const tracks = [speakingTrack(0, 7, 0, 200, [[50, 150]])];
    const speech = [
      { startSec: 2, endSec: 6 },
      { startSec: 10, endSec: 16 },
      { startSec: 24, endSec: 38 },
    ];
    const result = diarizeReference(
      { tracks, speech, voices },
      { quirks, groupUnknownVoices: true },
    );
    expect(result.entries.map(({ label }) => label)).toEqual(['ID_7', 'ID_7', 'VOICE_0']);
  });

  it('keeps faces apart when the sound is too short for voices', () => {
    const tracks = [
      speakingTrack(0, 3, 0, 100, [[20, 60]]),
      speakingTrack(1, 1, 100, 100, [[20, 60]]),
    ];
    const result = diarizeReference({ tracks, speech: [], voices: NO_VOICES }, { quirks });
    expect(timesOf(result)).toEqual([
      ['ID_3', 20, 60],
      ['ID_1', 120, 160],
    ]);
  });

  it('hears speech after 120 minutes', () => {
    const speech = [{ startSec: 4 * 3600, endSec: 4 * 3600 + 2 }];
    const result = diarizeReference({ tracks: [], speech, voices: NO_VOICES }, { quirks });
    expect(timesOf(result)).toEqual([[UNKNOWN_SPEAKER, 360_000, 360_050]]);
  });

  it('finds nobody speaking in a track without any SyncNet row', () => {
    const track = {
      ...speakingTrack(0, 0, 0, 50, [[0, 50]]),
      lipSync: { distances: new Float32Array(0) },
    };
    const speech = [{ startSec: 0, endSec: 2 }];
    const result = diarizeReference({ tracks: [track], speech, voices: NO_VOICES }, { quirks });
    expect(timesOf(result)).toEqual([[UNKNOWN_SPEAKER, 0, 50]]);
  });
});

describe('without quirks', () => {
  const voices = voicesOf(100, () => 0);

  it('keeps speech up to both ends of a track', () => {
    const tracks = [speakingTrack(0, 0, 100, 50, [[0, 50]])];
    const speech = [{ startSec: 4, endSec: 6 }];
    expect(timesOf(diarizeReference({ tracks, speech, voices }, { quirks: false }))).toEqual([
      ['ID_0', 100, 150],
    ]);
    expect(timesOf(diarizeReference({ tracks, speech, voices }))[0]).not.toEqual([
      'ID_0',
      100,
      150,
    ]);
  });

  it('gives visible speech that is too short for an utterance to the voice instead of dropping it', () => {
    const tracks = [
      speakingTrack(0, 0, 0, 200, [
        [20, 100],
        [150, 164],
      ]),
    ];
    const speech = [
      { startSec: 0.8, endSec: 4 },
      { startSec: 6, endSec: 6.56 },
    ];
    expect(timesOf(diarizeReference({ tracks, speech, voices }, { quirks: false }))).toEqual([
      ['ID_0', 20, 100],
      ['ID_0', 150, 164],
    ]);
    expect(timesOf(diarizeReference({ tracks, speech, voices }))).toEqual([['ID_0', 20, 100]]);
  });
});

describe('faces seen together', () => {
  // Two groups of 25 faces, much alike; one face of either group shares frames with one of the other.
  const tracks = Array.from({ length: 50 }, (_, face) =>
    speakingTrack(face, face, face === 25 ? 10 : face * 200, 100, [[20, 80]]),
  );
  const utterances = tracks.map((track) => ({
    track,
    startFrame: track.startFrame,
    endFrame: track.startFrame + 100,
    confidence: 1,
  }));
  const voices = voicesOf(2000, () => 0, 2);
  for (let row = 1000; row < 2000; row++) voices.data.set([0.95, 0.31], row * 2);

  it.each([
    [true, 'thins out the penalty of the reference in very large groups', 1],
    [false, 'never joins them', 2],
  ] as const)('with quirks %s %s', (quirks, _what, speakerCount) => {
    const settings = { ...REFERENCE_DEFAULTS, quirks };
    const late = utterances.map((utterance, face) => {
      // The voices follow the groups, whatever the frames of the faces are.
      const startFrame = face < 25 ? 100 + face * 150 : 5200 + (face - 25) * 150;
      return { ...utterance, startFrame, endFrame: startFrame + 100 };
    });
    expect(identifySpeakers(tracks, late, voices, settings).speakers).toHaveLength(speakerCount);
  });
});

/** Faces with one to three tracks each, one track of a face after the other, several faces at a time. */
const inputs: fc.Arbitrary<ReferenceInput> = fc
  .record({
    faces: fc.array(
      fc.array(
        fc.record({
          pauseFrames: fc.nat(60),
          frameCount: fc.integer({ min: 51, max: 150 }),
          spokenFrom: fc.nat(40),
          spokenFrames: fc.nat(120),
          repeats: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      { maxLength: 6 },
    ),
    pauses: fc.array(fc.tuple(fc.nat(100), fc.integer({ min: 1, max: 150 })), { maxLength: 6 }),
    voices: fc.array(fc.nat(3), { maxLength: 80 }),
  })
  .map(({ faces, pauses, voices }) => {
    const tracks = faces.flatMap((face, faceId) => {
      let frame = 0;
      return face.map(({ pauseFrames, frameCount, spokenFrom, spokenFrames }) => {
        const startFrame = frame + pauseFrames;
        frame = startFrame + frameCount;
        const end = Math.min(frameCount, spokenFrom + spokenFrames);
        return speakingTrack(0, faceId, startFrame, frameCount, [[spokenFrom, end]]);
      });
    });
    let frame = 0;
    const speech = pauses.map(([pause, length]) => {
      const startSec = (frame + pause) / 25;
      frame += pause + length;
      return { startSec, endSec: frame / 25 };
    });
    return {
      tracks: tracks.map((track, trackIndex) => ({ ...track, trackIndex })),
      speech,
      voices: voicesOf(voices.length, (row) => voices[row]!),
    };
  });

function overlap(a: { startFrame: number; endFrame: number }, b: typeof a): boolean {
  return a.startFrame < b.endFrame && b.startFrame < a.endFrame;
}

describe('any recording', () => {
  it('never joins two faces that share a frame', () => {
    fc.assert(
      fc.property(inputs, fc.boolean(), ({ tracks, voices }, quirks) => {
        const utterances = tracks.map((track) => ({
          track,
          startFrame: track.startFrame,
          endFrame: track.startFrame + track.frameCount,
          confidence: 1,
        }));
        const settings = { ...REFERENCE_DEFAULTS, quirks };
        const { faceIds, labels } = identifySpeakers(tracks, utterances, voices, settings);
        const labelOf = new Map(faceIds.map((faceId, face) => [faceId, labels[face]]));
        for (const a of utterances) {
          for (const b of utterances) {
            if (a.track.faceId === b.track.faceId || !overlap(a, b)) continue;
            expect(labelOf.get(a.track.faceId)).not.toBe(labelOf.get(b.track.faceId));
          }
        }
      }),
    );
  });

  it('never lets one speaker speak twice at a time', () => {
    fc.assert(
      fc.property(inputs, fc.boolean(), fc.boolean(), (input, quirks, groupUnknownVoices) => {
        const { entries } = diarizeReference(input, { quirks, groupUnknownVoices });
        for (const [i, a] of entries.entries()) {
          expect(a.endFrame).toBeGreaterThan(a.startFrame);
          for (const b of entries.slice(i + 1)) {
            expect(a.label === b.label && overlap(a, b)).toBe(false);
          }
        }
      }),
    );
  });

  it('explains all speech but short remains when it has no quirks', () => {
    fc.assert(
      fc.property(inputs, fc.boolean(), (input, groupUnknownVoices) => {
        const { entries } = diarizeReference(input, { quirks: false, groupUnknownVoices });
        for (const { startSec, endSec } of input.speech) {
          let silentFrames = 0;
          for (let frame = Math.round(startSec * 25); frame < Math.round(endSec * 25); frame++) {
            const isExplained = entries.some((e) => e.startFrame <= frame && frame < e.endFrame);
            silentFrames = isExplained ? 0 : silentFrames + 1;
            expect(silentFrames).toBeLessThanOrEqual(10);
          }
        }
      }),
    );
  });

  it('gives the same result twice and leaves its input alone', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const before = structuredClone(input);
        const first = diarizeReference(input, { groupUnknownVoices: true });
        expect(diarizeReference(input, { groupUnknownVoices: true })).toEqual(first);
        expect(input).toEqual(before);
      }),
    );
  });
});
