import { medianFilter } from '@avd/dsp';
import { excessOverTolerance, GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { closeWithErodedEnds } from './binary-closing.js';
import { majorityFilter } from './majority-filter.js';
import { referenceRecordingName } from './reference-files.js';
import { findRuns } from './runs.js';
import { countSpeech } from './speech-frames.js';
import { frameRow, utteranceRow } from './voice-row.js';

interface Units {
  readonly medfilt: { readonly cases: { k: number; x: number[]; y: number[] }[] };
  readonly binary_closing_12: { readonly cases: { x: string; y: string }[] };
  readonly find_runs: { x: number[]; values: number[]; starts: number[]; lengths: number[] }[];
  readonly majority_filter: { readonly cases: { width: number; x: number[]; y: number[] }[] };
  readonly addvad: {
    readonly cases: { length: number; vad: [number, number][]; out: number[] }[];
  };
}

interface Quirks {
  readonly embedding_row_of_an_utterance: {
    readonly rows: { start: number; end: number; n_features: number; used_row: number }[];
  };
  readonly embedding_row_of_a_frame: {
    readonly n_features: number;
    readonly rows: [number, number][];
  };
  readonly recording_name: { readonly rows: [string, string][] };
  readonly adjacent_vad_segments: {
    readonly rows: {
      segments: [number, number][];
      first_frame: number;
      runs_value_length: [number, number][];
    }[];
  };
}

const toSpans = (segments: readonly [number, number][]) =>
  segments.map(([startSec, durationSec]) => ({ startSec, endSec: startSec + durationSec }));

describe.skipIf(!hasShared)('building blocks against the reference', () => {
  const units = hasShared ? new GoldenCase('diarizer/units').values<Units>() : ({} as Units);
  const quirks = hasShared ? new GoldenCase('quirks').values<Quirks>() : ({} as Quirks);

  it('filters medians as scipy does', () => {
    for (const { k, x, y } of units.medfilt.cases) {
      expect(excessOverTolerance(medianFilter(x, k), y, { abs: 0, rel: 0 })).toBeLessThanOrEqual(0);
    }
  });

  it('closes binary sequences as scipy does', () => {
    expect(units.binary_closing_12.cases.length).toBeGreaterThan(30);
    for (const { x, y } of units.binary_closing_12.cases) {
      expect([...closeWithErodedEnds(Uint8Array.from(x, Number), 12)].join('')).toBe(y);
    }
  });

  it('finds the same runs', () => {
    for (const { x, values, starts, lengths } of units.find_runs) {
      const runs = findRuns(x);
      expect(runs.map((run) => run.value)).toEqual(values);
      expect(runs.map((run) => run.start)).toEqual(starts);
      expect(runs.map((run) => run.length)).toEqual(lengths);
    }
  });

  it('filters majorities with the ties of a Python set', () => {
    expect(units.majority_filter.cases.length).toBe(45);
    for (const { width, x, y } of units.majority_filter.cases) {
      expect([...majorityFilter(x, width, 'pythonSet')]).toEqual(y);
    }
  });

  it('counts VAD segments with truncated float frame numbers', () => {
    for (const { length, vad, out } of units.addvad.cases) {
      expect([...countSpeech(toSpans(vad), length, true)]).toEqual(out);
    }
  });

  it('counts a frame twice or not at all where segments touch', () => {
    for (const { segments, first_frame, runs_value_length } of quirks.adjacent_vad_segments.rows) {
      const frameCount = runs_value_length.reduce((sum, [, length]) => sum + length, first_frame);
      const counts = countSpeech(toSpans(segments), frameCount, true);
      const runs = findRuns(counts.subarray(first_frame));
      expect(runs.map(({ value, length }) => [value, length])).toEqual(runs_value_length);
      expect(counts.subarray(0, first_frame).every((count) => count === 0)).toBe(true);
    }
  });

  it('takes the same voice row for an utterance', () => {
    for (const { start, end, n_features, used_row } of quirks.embedding_row_of_an_utterance.rows) {
      const frames = [Math.round(start * 25), Math.round(end * 25)] as const;
      expect(utteranceRow(...frames, n_features, true)).toBe(used_row);
    }
  });

  it('takes the same voice row for a frame', () => {
    const { rows, n_features } = quirks.embedding_row_of_a_frame;
    for (const [frame, row] of rows) expect(frameRow(frame, n_features, true)).toBe(row);
  });

  it('cuts recording names at the first dot', () => {
    for (const [path, name] of quirks.recording_name.rows) {
      expect(referenceRecordingName(path)).toBe(name);
    }
  });
});
