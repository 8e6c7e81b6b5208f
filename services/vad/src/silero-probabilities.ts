import type { Model, Tensor } from '@avd/stage-kit';
import { SILERO_WINDOW_SAMPLES } from './silero-segments.js';

/** Name of the network in the model pool. */
export const SILERO_MODEL_NAME = 'silero-vad';

/** End of the previous window that the network wants in front of each window. */
const CONTEXT_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + SILERO_WINDOW_SAMPLES;
const STATE_DIMS = [2, 1, 128] as const;
const FULL_SCALE = 32768;

/** Feeds Silero window by window; carries the network's state and the context from one window to the next. */
export interface SileroStream {
  /**
   * Probability of speech in the next window.
   * @param window up to 512 samples at 16 kHz, int16 values; only the last window of the sound may be shorter
   */
  next(window: Int16Array, signal?: AbortSignal): Promise<number>;
}

/**
 * Stream at the start of a sound: no context, zero state.
 * Equal to the streaming calls of silero-vad 6.2 (512 samples at 16 kHz, last window filled with zeros);
 * tolerance 1e-4.
 */
export function createSileroStream(model: Model): SileroStream {
  let state: Tensor = {
    data: new Float32Array(STATE_DIMS[0] * STATE_DIMS[1] * STATE_DIMS[2]),
    dims: STATE_DIMS,
  };
  let context = new Float32Array(CONTEXT_SAMPLES);
  return {
    async next(window, signal) {
      // New arrays each time: the pool may hand them over to another thread.
      const samples = new Float32Array(INPUT_SAMPLES);
      samples.set(context);
      for (let i = 0; i < window.length; i++)
        samples[CONTEXT_SAMPLES + i] = window[i]! / FULL_SCALE;
      context = samples.slice(SILERO_WINDOW_SAMPLES);
      const outputs = await model.run(
        {
          input: { data: samples, dims: [1, INPUT_SAMPLES] },
          state,
          sr: { data: BigInt64Array.of(16_000n), dims: [] },
        },
        signal,
      );
      state = outputs['stateN']!;
      return Number(outputs['output']!.data[0]);
    },
  };
}
