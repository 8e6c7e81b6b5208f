/** Half-open span [startSample, endSample). */
export interface SampleSpan {
  readonly startSample: number;
  readonly endSample: number;
}

export interface SileroSegmentOptions {
  /** Speech begins at this probability; it ends below it less 0.15. */
  readonly threshold: number;
  /** Shorter speech is dropped. */
  readonly minSpeechMs: number;
  /** Speech ends only where silence lasts this long. */
  readonly minSilenceMs: number;
  /** Widens each segment on both sides, at most to the middle of a gap. */
  readonly speechPadMs: number;
  /** Longer speech is cut, at a silence of more than 98 ms if there was one. @default no limit */
  readonly maxSpeechSec?: number;
}

/** Samples between two probabilities, at 16 kHz. */
export const SILERO_WINDOW_SAMPLES = 512;

const SAMPLES_PER_MS = 16;
const HYSTERESIS = 0.15;
const CUT_SILENCE_MS = 98;

/**
 * Segments of speech from probabilities, one per 512 samples of 16 kHz sound.
 * Equal to `get_speech_timestamps` of the reference; exact.
 * @param probabilities shape (ceil(sampleCount / 512))
 * @returns in order, not overlapping
 */
export function sileroSegments(
  probabilities: ArrayLike<number>,
  sampleCount: number,
  options: SileroSegmentOptions,
): SampleSpan[] {
  return padSpans(
    findSpeech(probabilities, sampleCount, options),
    sampleCount,
    options.speechPadMs * SAMPLES_PER_MS,
  );
}

function findSpeech(
  probabilities: ArrayLike<number>,
  sampleCount: number,
  options: SileroSegmentOptions,
): SampleSpan[] {
  const quietBelow = options.threshold - HYSTERESIS;
  const minSpeechSamples = options.minSpeechMs * SAMPLES_PER_MS;
  const minSilenceSamples = options.minSilenceMs * SAMPLES_PER_MS;
  const maxSpeechSamples =
    (options.maxSpeechSec ?? Infinity) * 1000 * SAMPLES_PER_MS -
    SILERO_WINDOW_SAMPLES -
    2 * options.speechPadMs * SAMPLES_PER_MS;

  const spans: SampleSpan[] = [];
  let speechStart: number | undefined;
  let silenceStart: number | undefined;
  // Best place so far to cut speech that gets too long: the last long silence, and where speech came back.
  let cutEnd: number | undefined;
  let cutResume: number | undefined;
  const forgetSilences = (): void => {
    silenceStart = cutEnd = cutResume = undefined;
  };

  for (let window = 0; window < probabilities.length; window++) {
    const probability = probabilities[window]!;
    const windowStart = window * SILERO_WINDOW_SAMPLES;
    if (probability >= options.threshold) {
      if (silenceStart !== undefined) {
        silenceStart = undefined;
        if (cutEnd !== undefined && (cutResume === undefined || cutResume < cutEnd))
          cutResume = windowStart;
      }
      if (speechStart === undefined) {
        speechStart = windowStart;
        continue;
      }
    }
    if (speechStart === undefined) continue;

    if (windowStart - speechStart > maxSpeechSamples) {
      spans.push({ startSample: speechStart, endSample: cutEnd ?? windowStart });
      const mustSkipWindow = cutEnd === undefined;
      speechStart =
        cutEnd === undefined || cutResume === undefined || cutResume < cutEnd
          ? undefined
          : cutResume;
      forgetSilences();
      if (mustSkipWindow || speechStart === undefined) continue;
    }
    if (probability < quietBelow) {
      silenceStart ??= windowStart;
      const silenceSamples = windowStart - silenceStart;
      if (silenceSamples > CUT_SILENCE_MS * SAMPLES_PER_MS) cutEnd = silenceStart;
      if (silenceSamples >= minSilenceSamples) {
        if (silenceStart - speechStart > minSpeechSamples) {
          spans.push({ startSample: speechStart, endSample: silenceStart });
        }
        speechStart = undefined;
        forgetSilences();
      }
    }
  }
  if (speechStart !== undefined && sampleCount - speechStart > minSpeechSamples) {
    spans.push({ startSample: speechStart, endSample: sampleCount });
  }
  return spans;
}

function padSpans(
  spans: readonly SampleSpan[],
  sampleCount: number,
  padSamples: number,
): SampleSpan[] {
  return spans.map((span, i) => {
    const previous = spans[i - 1];
    const next = spans[i + 1];
    const padBefore =
      previous === undefined
        ? padSamples
        : padInGap(span.startSample - previous.endSample, padSamples);
    const padAfter =
      next === undefined ? padSamples : padInGap(next.startSample - span.endSample, padSamples);
    return {
      startSample: Math.trunc(Math.max(0, span.startSample - padBefore)),
      endSample: Math.trunc(Math.min(sampleCount, span.endSample + padAfter)),
    };
  });
}

/** Each side of a gap gets the full padding, or half of the gap where both do not fit. */
function padInGap(gapSamples: number, padSamples: number): number {
  return gapSamples < 2 * padSamples ? Math.floor(gapSamples / 2) : padSamples;
}

/**
 * Time of a sample rounded to 0.1 s, a tie to the even digit.
 * Equal to Python's `round(sample / 16000, 1)`; exact.
 */
export function sampleToTenthSec(sample: number): number {
  const sec = sample / (1000 * SAMPLES_PER_MS);
  // Only odd quarters of a second are exact ties in binary; toFixed rounds those up.
  if (Math.abs((sec * 4) % 2) === 1)
    return (Math.floor(sec * 10) + (Math.floor(sec * 10) % 2)) / 10;
  return Number(sec.toFixed(1));
}
