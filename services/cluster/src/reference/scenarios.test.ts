import { readFileSync } from 'node:fs';
import { formatViaProject } from '@avd/domain';
import { excessOverTolerance, GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import type { RowMatrix } from '../agglomerative-cosine.js';
import { diarizeReference } from './diarize-reference.js';
import { leftoverSpeech } from './offscreen-speech.js';
import { referenceRecordingName, referenceRttm, referenceViaProject } from './reference-files.js';
import { findRuns } from './runs.js';
import { identifySpeakers } from './speaker-voices.js';
import { REFERENCE_DEFAULTS, type LipSync, type ReferenceInput } from './types.js';
import { findUtterances, trackActivity } from './visible-speech.js';

type Segments = readonly (readonly [number, number])[];

interface Values {
  readonly tracks: { index: number; first_frame: number; n_frames: number; face_id: number }[];
  readonly vads: { readonly data: Record<string, Segments> };
  readonly leftover_vad_runs?: { readonly data: [number, number][] };
  readonly face_clustering_of_voices: { readonly calls: { labels: number[] }[] };
  readonly exception: string | null;
  readonly result?: [number, number, string][];
}

const toSpans = (segments: Segments) =>
  segments.map(([startSec, durationSec]) => ({ startSec, endSec: startSec + durationSec }));

function voicesOf(golden: GoldenCase, name: string): RowMatrix {
  const { data, shape } = golden.array(name);
  return { data: data as Float32Array, rowCount: shape[0]!, columnCount: shape[1]! };
}

function inputOf(golden: GoldenCase): ReferenceInput {
  const { tracks, vads } = golden.values<Values>();
  return {
    tracks: tracks.map(({ index, first_frame, n_frames, face_id }) => {
      const name = String(index).padStart(5, '0');
      const distances = golden.array(`asd_${name}`).data as Float32Array;
      return {
        trackIndex: index,
        startFrame: first_frame,
        frameCount: n_frames,
        faceId: face_id,
        lipSync: { distances },
        speech: toSpans(vads.data[`${name}.wav`]!),
      };
    }),
    speech: toSpans(vads.data['audio.wav']!),
    voices: voicesOf(golden, 'spkfeats'),
  };
}

const finished = [
  'one_visible',
  'two_alternating',
  'overlapping_speech',
  'offscreen',
  'merged_faces',
  'long_40min',
  'many_voices',
  'second_run_fresh',
  'track_edges',
  'few_features',
  'strong_sync_without_vad',
];

describe.skipIf(!hasShared)('scenarios of the reference diarizer', () => {
  it.each(finished)('writes the same files for %s', (name) => {
    const golden = new GoldenCase(`diarizer/${name}`);
    const { origfile } = golden.params<{ origfile: string }>();
    const result = diarizeReference(inputOf(golden));
    expect(referenceRttm(result, referenceRecordingName(origfile))).toBe(
      readFileSync(golden.file('result.rttm'), 'utf8'),
    );
    expect(formatViaProject(referenceViaProject(result, origfile))).toBe(
      readFileSync(golden.file('result.json'), 'utf8'),
    );
    expect(result.notices).toEqual([]);
  });

  it.each(finished)('agrees on the way to the result of %s', (name) => {
    const golden = new GoldenCase(`diarizer/${name}`);
    const values = golden.values<Values>();
    const input = inputOf(golden);
    const activities = input.tracks.map((track) => trackActivity(track, true));
    for (const [index, activity] of activities.entries()) {
      const track = String(index).padStart(5, '0');
      const confidence = golden.array(`fconfm_${track}`);
      expect(
        excessOverTolerance(
          activity.confidence,
          confidence.data as Float32Array,
          confidence.tolerance,
        ),
      ).toBeLessThanOrEqual(0);
      expect(activity.voted).toEqual(golden.array(`vad_before_closing_${track}`).data);
      expect(activity.closed).toEqual(golden.array(`vad_after_closing_${track}`).data);
    }
    const utterances = input.tracks.flatMap((track, k) => findUtterances(track, activities[k]!));
    const { labels } = identifySpeakers(input.tracks, utterances, input.voices, REFERENCE_DEFAULTS);
    for (const call of values.face_clustering_of_voices.calls)
      expect([...labels]).toEqual(call.labels);

    const leftover = leftoverSpeech(input, activities, utterances, true);
    const runs = findRuns(leftover).filter((run) => run.value !== 0);
    expect(runs.map(({ start, length }) => [start, length])).toEqual(
      values.leftover_vad_runs!.data,
    );
  });

  it('takes a smoothed confidence in place of the distances', () => {
    const golden = new GoldenCase('diarizer/two_alternating');
    const input = inputOf(golden);
    const tracks = input.tracks.map((track, index) => {
      const confidence = golden.array(`fconfm_${String(index).padStart(5, '0')}`)
        .data as Float32Array;
      return { ...track, lipSync: { confidence } };
    });
    expect(
      diarizeReference({ ...input, tracks }).entries.map(({ key, label }) => [key, label]),
    ).toEqual(diarizeReference(input).entries.map(({ key, label }) => [key, label]));
  });

  it('keeps nothing of an earlier run in the same process', () => {
    const second = new GoldenCase('diarizer/second_run_same_process');
    diarizeReference(inputOf(new GoldenCase('diarizer/one_visible')));
    const result = diarizeReference(inputOf(second));
    const fresh = new GoldenCase('diarizer/second_run_fresh');
    expect(referenceRttm(result, 'second')).toBe(readFileSync(fresh.file('result.rttm'), 'utf8'));
  });

  it('leaves all speech to the unknown speaker when no face was found', () => {
    const golden = new GoldenCase('diarizer/no_tracks');
    expect(golden.values<Values>().exception).toContain('RuntimeError');
    const result = diarizeReference(inputOf(golden));
    expect(referenceRttm(result, 'clip')).toBe(
      'SPEAKER clip 1 0.96 8.04 <NA> <NA> unknown <NA> <NA>\n',
    );
    expect(result.notices).toHaveLength(1);
  });

  it('leaves all speech to the unknown speaker when nobody is seen speaking', () => {
    const result = diarizeReference(inputOf(new GoldenCase('diarizer/no_utterance')));
    expect(
      result.entries.map(({ label, startFrame, endFrame }) => [label, startFrame, endFrame]),
    ).toEqual([['unknown', 24, 225]]);
    expect(result.notices).toHaveLength(1);
  });

  it('follows a face beyond 120 minutes', () => {
    const result = diarizeReference(inputOf(new GoldenCase('diarizer/beyond_120_minutes')));
    // The scenario's sound speaks at the start of the file, in a voice unlike the one its last row gives the face.
    expect(
      result.entries.map(({ label, startFrame, endFrame }) => [label, startFrame, endFrame]),
    ).toEqual([
      ['ID_0', 180035, 180184],
      ['unknown', 24, 174],
    ]);
  });

  it('follows a face across 120 minutes', () => {
    const result = diarizeReference(inputOf(new GoldenCase('diarizer/crossing_120_minutes')));
    expect(result.entries[0]).toMatchObject({ label: 'ID_0', trackIndex: 0 });
    expect(result.entries[0]!.startFrame).toBeLessThan(180_000);
    expect(result.entries[0]!.endFrame).toBeGreaterThan(180_000);
  });
});

/** The 11 s video through every stage, with SyncNet distances that make the right face speak. */
describe.skipIf(!hasShared)('the whole video of the reference', () => {
  const cases = [
    ['webrtc', 'resnetse', false],
    ['webrtc', 'ecapa', false],
    ['silero', 'resnetse', false],
    ['silero', 'ecapa', false],
    ['webrtc', 'resnetse', true],
  ] as const;

  it.each(cases)(
    'gives the same files with %s and %s (own face ids: %s)',
    (vad, voices, ownFaceIds) => {
      const golden = new GoldenCase('e2e');
      const values = golden.values<{
        tracks: { index: number; first_frame: number; n_frames: number }[];
        face_ids: { ids: number[] };
        face_ids_injected: number[];
        vad_webrtc: Record<string, Segments>;
        vad_silero: Record<string, Segments>;
      }>();
      const segments = vad === 'webrtc' ? values.vad_webrtc : values.vad_silero;
      const faceIds = ownFaceIds ? values.face_ids.ids : values.face_ids_injected;
      const input: ReferenceInput = {
        tracks: values.tracks.map(({ index, first_frame, n_frames }) => ({
          trackIndex: index,
          startFrame: first_frame,
          frameCount: n_frames,
          faceId: faceIds[index]!,
          lipSync: {
            distances: golden.array(`asd_injected_${index}`).data as Float32Array,
          } satisfies LipSync,
          speech: toSpans(segments[`${String(index).padStart(5, '0')}.wav`]!),
        })),
        speech: toSpans(segments['audio.wav']!),
        voices: voicesOf(golden, `spk_${voices}`),
      };
      const result = diarizeReference(input);
      const file = `result_injected_${vad}_${voices}${ownFaceIds ? '_own_face_ids' : ''}`;
      const rttm = readFileSync(golden.file(`${file}.rttm`), 'utf8');
      const recording = rttm.split(' ', 2)[1]!;
      expect(referenceRttm(result, recording)).toBe(rttm);
      const json = readFileSync(golden.file(`${file}.json`), 'utf8');
      const { src } = (JSON.parse(json) as { file: { '1': { src: string } } }).file['1'];
      expect(formatViaProject(referenceViaProject(result, src))).toBe(json);
    },
  );
});
