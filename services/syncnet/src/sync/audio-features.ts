import type { Model } from '@avd/stage-kit';
import { mfccWindows, SYNC_WINDOW_MFCC_ROWS, syncWindowSampleRange } from '../mfcc-windows.js';
import { MFCC_COUNT } from '@avd/dsp';
import type { FeatureRows } from '../sync-distance.js';
import type { TrackSound } from '../track-sound.js';

/** Numbers of one feature vector of SyncNet. */
export const SYNC_FEATURES = 1024;
/**
 * Windows a network sees together. Batches start on a fixed grid, counted from the first frame of the track, so that
 * how work is cut cannot change a result.
 */
export const SYNC_BATCH_WINDOWS = 8;

/** What SyncNet hears in one track; looked up by windows, in ascending order. */
export interface AudioFeatures {
  /** Features of windows [startWindow, endWindow); windows before startWindow are not asked for again. */
  read(startWindow: number, endWindow: number, signal: AbortSignal): Promise<FeatureRows>;
}

/**
 * @param model the network `syncnet-audio`
 * @param windowCount windows of the track
 */
export function createAudioFeatures(
  model: Model,
  sound: TrackSound,
  windowCount: number,
): AudioFeatures {
  const batches = new Map<number, Promise<Float32Array>>();
  const listen = async (batch: number, signal: AbortSignal): Promise<Float32Array> => {
    const startWindow = batch * SYNC_BATCH_WINDOWS;
    const endWindow = Math.min(startWindow + SYNC_BATCH_WINDOWS, windowCount);
    const range = syncWindowSampleRange(startWindow, endWindow, sound.sampleCount);
    const data = mfccWindows(await sound.read(range), startWindow, endWindow);
    const dims = [endWindow - startWindow, 1, MFCC_COUNT, SYNC_WINDOW_MFCC_ROWS];
    const { embeddings } = await model.run({ mfcc: { data, dims } }, signal);
    return embeddings!.data as Float32Array;
  };
  return {
    async read(startWindow, endWindow, signal) {
      const firstBatch = Math.floor(startWindow / SYNC_BATCH_WINDOWS);
      const endBatch = Math.ceil(endWindow / SYNC_BATCH_WINDOWS);
      for (const batch of batches.keys()) if (batch < firstBatch) batches.delete(batch);
      const parts: Promise<Float32Array>[] = [];
      for (let batch = firstBatch; batch < endBatch; batch++) {
        const known = batches.get(batch);
        const part = known ?? listen(batch, signal);
        if (known === undefined) batches.set(batch, part);
        parts.push(part);
      }
      const rows = await Promise.all(parts);
      const data = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
      let offset = 0;
      for (const part of rows) {
        data.set(part, offset);
        offset += part.length;
      }
      const from = firstBatch * SYNC_BATCH_WINDOWS;
      return {
        data: data.subarray(
          (startWindow - from) * SYNC_FEATURES,
          (endWindow - from) * SYNC_FEATURES,
        ),
        startWindow,
      };
    },
  };
}
