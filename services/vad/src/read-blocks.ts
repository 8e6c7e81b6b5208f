import { AvdError, SAMPLE_RATE_HZ } from '@avd/domain';
import type { StageContext } from '@avd/stage-kit';

/** A part of the sound of the medium. */
export interface SoundSpan {
  readonly startSample: number;
  readonly sampleCount: number;
}

/**
 * Reads a span in blocks of `blockSamples` (the last may be shorter), so that memory does not grow with its
 * length. Checks for an abort before each block and reports seconds done after it.
 * @throws AvdError kind `media` when the sound is shorter than the span
 */
export async function* readBlocks(
  ctx: StageContext,
  span: SoundSpan,
  blockSamples: number,
): AsyncGenerator<Int16Array, void, undefined> {
  const spanEnd = span.startSample + span.sampleCount;
  for (let start = span.startSample; start < spanEnd; start += blockSamples) {
    ctx.signal.throwIfAborted();
    const end = Math.min(spanEnd, start + blockSamples);
    const samples = await ctx.media.samples(start, end);
    if (samples.length !== end - start) {
      throw new AvdError(
        'media',
        'SOUND_TOO_SHORT',
        `The sound ends after ${((start + samples.length) / SAMPLE_RATE_HZ).toFixed(2)} s, before the ${(spanEnd / SAMPLE_RATE_HZ).toFixed(2)} s that were announced; the file may be damaged.`,
      );
    }
    yield samples;
    ctx.report({
      done: Math.round((end - span.startSample) / SAMPLE_RATE_HZ),
      total: Math.round(span.sampleCount / SAMPLE_RATE_HZ),
      unit: 'seconds',
    });
  }
}
