import { SAMPLE_RATE_HZ } from '@avd/domain';
import type { Model, Stage, StageContext } from '@avd/stage-kit';
import { toFloatRows, type FloatRows } from '../float-rows.js';

/** Sound of one embedding: 2 s. */
export const VOICE_WINDOW_SAMPLES = 2 * SAMPLE_RATE_HZ;
/** From one window to the next: 0.2 s. */
export const VOICE_WINDOW_HOP_SAMPLES = 3200;

/** Windows that are looked at together. Batches start on a fixed grid, so that they cannot change a result. */
const BATCH_WINDOWS = 8;
/** Batches whose result may be awaited at once: bounds the memory. */
const MAX_IN_FLIGHT = 4;
const INT16_SCALE = 1 / 32_768;

export interface EmbedVoiceWindowsInput {
  /** Only batches whose first sample is in [startSample, endSample). */
  readonly startSample: number;
  readonly endSample: number;
}

export interface EmbedVoiceWindowsParams {
  readonly model: 'resnetse34v2' | 'ecapa-tdnn';
}

/** Embeddings of consecutive windows; window w starts at sample 3200 w. */
export interface VoiceWindows {
  readonly startWindow: number;
  readonly embeddings: FloatRows;
}

/**
 * Number of windows of a recording. The last one that would fit is left out when it ends with the sound, and 2 s or less
 * have none: equal to `SpeakerNet.run` of the reference where that gives a result.
 */
export function voiceWindowCount(sampleCount: number): number {
  return Math.max(0, Math.ceil((sampleCount - VOICE_WINDOW_SAMPLES) / VOICE_WINDOW_HOP_SAMPLES));
}

/**
 * How the voice sounds every 0.2 s, by a speaker network. Equal to `SpeakerNet.run` of the reference; ranges can be cut
 * anywhere, joined results are the same to the byte.
 */
export const embedVoiceWindows: Stage<
  EmbedVoiceWindowsInput,
  VoiceWindows,
  EmbedVoiceWindowsParams
> = {
  name: 'embed.EmbedVoiceWindows',
  version: '1',
  async run({ startSample, endSample }, { model: name }, ctx) {
    const windowCount = voiceWindowCount(ctx.media.info.audio?.sampleCount ?? 0);
    const batchSamples = BATCH_WINDOWS * VOICE_WINDOW_HOP_SAMPLES;
    const startWindow = Math.min(
      windowCount,
      Math.ceil(startSample / batchSamples) * BATCH_WINDOWS,
    );
    const endWindow = Math.min(windowCount, Math.ceil(endSample / batchSamples) * BATCH_WINDOWS);
    if (endWindow <= startWindow) return { startWindow, embeddings: toFloatRows([]) };
    const model = await ctx.models.load(name);
    const rows: Float32Array[] = [];
    const inFlight: Promise<Float32Array[]>[] = [];
    const settleOldest = async (): Promise<void> => {
      rows.push(...(await inFlight.shift()!));
      ctx.report({ done: rows.length, total: endWindow - startWindow, unit: 'windows' });
    };
    try {
      for (let first = startWindow; first < endWindow; first += BATCH_WINDOWS) {
        ctx.signal.throwIfAborted();
        const batch = embedBatch(first, Math.min(first + BATCH_WINDOWS, endWindow), model, ctx);
        batch.catch(() => undefined); // a failure is seen when its turn comes
        inFlight.push(batch);
        if (inFlight.length > MAX_IN_FLIGHT) await settleOldest();
      }
      while (inFlight.length > 0) await settleOldest();
    } finally {
      await Promise.allSettled(inFlight);
    }
    return { startWindow, embeddings: toFloatRows(rows) };
  },
};

/** Embeddings of windows [startWindow, endWindow). */
async function embedBatch(
  startWindow: number,
  endWindow: number,
  model: Model,
  ctx: StageContext,
): Promise<Float32Array[]> {
  const count = endWindow - startWindow;
  const startSample = startWindow * VOICE_WINDOW_HOP_SAMPLES;
  const endSample = (endWindow - 1) * VOICE_WINDOW_HOP_SAMPLES + VOICE_WINDOW_SAMPLES;
  const sound = await ctx.media.samples(startSample, endSample);
  const windows = new Float32Array(count * VOICE_WINDOW_SAMPLES);
  for (let i = 0; i < windows.length; i++) {
    const window = Math.floor(i / VOICE_WINDOW_SAMPLES);
    const offset = i - window * VOICE_WINDOW_SAMPLES;
    windows[i] = sound[window * VOICE_WINDOW_HOP_SAMPLES + offset]! * INT16_SCALE;
  }
  const { embedding } = await model.run(
    { samples: { data: windows, dims: [count, VOICE_WINDOW_SAMPLES] } },
    ctx.signal,
  );
  const data = embedding!.data as Float32Array;
  const width = data.length / count;
  return Array.from({ length: count }, (_, row) => data.slice(row * width, (row + 1) * width));
}
