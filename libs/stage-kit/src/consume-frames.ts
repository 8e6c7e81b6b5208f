import type { FrameRange } from '@avd/domain';
import type { VideoFrame } from './media.js';
import type { StageContext } from './stage.js';

/** Something that looks at frames as they are decoded, one after the other. */
export interface FrameConsumer<Output> {
  /** Frames it wants to see; undefined: none at all. */
  readonly wanted: FrameRange | undefined;
  /** Where it looks at some frames of `wanted` only: these, ascending. */
  readonly wantedFrames?: readonly number[];
  /**
   * Looks at one frame. The pixels are valid only until control is given back (the first `await`); several
   * calls may be waiting for their result at the same time, results count in the order of the calls.
   */
  take(frame: VideoFrame, signal: AbortSignal): Promise<void>;
  /** After the last frame. */
  finish(): Output;
}

/** Frames whose results may be awaited while the next one is decoded: bounds the memory. */
const MAX_IN_FLIGHT = 4;
const REPORT_EVERY_FRAMES = 25;
/** So few frames are picked by the decoder. */
const MAX_PICKED_FRAMES = 200;

/**
 * Decodes a range once for any number of consumers, so that stages which look at the same frames can share the
 * work of decoding. What a consumer sees does not depend on the others.
 */
export async function consumeFrames(
  range: FrameRange,
  consumers: readonly FrameConsumer<unknown>[],
  ctx: StageContext,
): Promise<void> {
  const active = consumers.filter(({ wanted }) => wanted !== undefined);
  const total = range.endFrame - range.startFrame;
  const inFlight: Promise<unknown>[] = [];
  if (active.length > 0) {
    const startFrame = Math.min(...active.map(({ wanted }) => wanted!.startFrame));
    const endFrame = Math.max(...active.map(({ wanted }) => wanted!.endFrame));
    const picked = active.length === 1 ? active[0]!.wantedFrames : undefined;
    const only = picked !== undefined && picked.length <= MAX_PICKED_FRAMES ? { only: picked } : {};
    try {
      for await (const frame of ctx.media.frames(
        { startFrame, endFrame },
        { signal: ctx.signal, ...only },
      )) {
        ctx.signal.throwIfAborted();
        const { frameIndex } = frame;
        const taking = active
          .filter(({ wanted }) => frameIndex >= wanted!.startFrame && frameIndex < wanted!.endFrame)
          .map((consumer) => consumer.take(frame, ctx.signal));
        const taken = Promise.all(taking);
        taken.catch(() => undefined); // a failure is seen when its turn comes
        inFlight.push(taken);
        if (inFlight.length > MAX_IN_FLIGHT) await inFlight.shift();
        const done = frameIndex + 1 - range.startFrame;
        if (done > 0 && done % REPORT_EVERY_FRAMES === 0)
          ctx.report({ done, total, unit: 'frames' });
      }
      await Promise.all(inFlight);
    } finally {
      await Promise.allSettled(inFlight);
    }
  }
  ctx.signal.throwIfAborted();
  ctx.report({ done: total, total, unit: 'frames' });
}
