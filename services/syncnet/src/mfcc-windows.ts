import { SAMPLES_PER_FRAME } from '@avd/domain';
import { MFCC_COUNT, mfccRows, mfccSampleRange, type SignalBlock } from '@avd/dsp';

/** Video frames one lip window looks at. */
export const SYNC_WINDOW_FRAMES = 5;
/** MFCC rows (10 ms) one audio window looks at. */
export const SYNC_WINDOW_MFCC_ROWS = 20;

/** MFCC rows from one window to the next: one video frame. */
const MFCC_ROWS_PER_FRAME = 4;
/** Values of one audio window, shape (1, 13, 20). */
const WINDOW_VALUES = MFCC_COUNT * SYNC_WINDOW_MFCC_ROWS;

/**
 * Number of windows of a track, one less than fit: window v is frames v..v+4 and MFCC rows 4v..4v+19.
 * Equal to `SyncNet.evaluate` of the reference.
 * @param frameCount frames of the track
 * @param sampleCount samples of sound from the first frame of the track on
 */
export function syncWindowCount(frameCount: number, sampleCount: number): number {
  return Math.max(
    0,
    Math.min(frameCount, Math.floor(sampleCount / SAMPLES_PER_FRAME)) - SYNC_WINDOW_FRAMES,
  );
}

/** Samples of the track's sound that the audio windows [startWindow, endWindow) depend on. */
export function syncWindowSampleRange(
  startWindow: number,
  endWindow: number,
  trackSampleCount: number,
): { readonly startSample: number; readonly endSample: number } {
  return mfccSampleRange(
    startWindow * MFCC_ROWS_PER_FRAME,
    endMfccRow(startWindow, endWindow),
    trackSampleCount,
  );
}

/**
 * Audio windows [startWindow, endWindow) of a track as the audio network takes them: MFCC of the track's own
 * sound, time along the last axis. The same bits whatever the range.
 * @param block covers `syncWindowSampleRange(startWindow, endWindow, block.signalSampleCount)`
 * @returns shape (windows, 1, 13, 20)
 * @throws RangeError when the windows do not exist or the block lacks samples
 */
export function mfccWindows(
  block: SignalBlock,
  startWindow: number,
  endWindow: number,
): Float32Array {
  const rows = mfccRows(
    block,
    startWindow * MFCC_ROWS_PER_FRAME,
    endMfccRow(startWindow, endWindow),
  );
  const windows = new Float32Array(Math.max(0, endWindow - startWindow) * WINDOW_VALUES);
  for (let out = 0; out < windows.length; out++) {
    const window = Math.floor(out / WINDOW_VALUES);
    const coefficient = Math.floor((out % WINDOW_VALUES) / SYNC_WINDOW_MFCC_ROWS);
    const row = window * MFCC_ROWS_PER_FRAME + (out % SYNC_WINDOW_MFCC_ROWS);
    windows[out] = rows[row * MFCC_COUNT + coefficient]!;
  }
  return windows;
}

function endMfccRow(startWindow: number, endWindow: number): number {
  const endRow = (endWindow - 1) * MFCC_ROWS_PER_FRAME + SYNC_WINDOW_MFCC_ROWS;
  return endWindow > startWindow ? endRow : startWindow * MFCC_ROWS_PER_FRAME;
}
