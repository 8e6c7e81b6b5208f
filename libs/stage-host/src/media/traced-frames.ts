import { trace } from '@opentelemetry/api';
import { frameToSec, type FrameRange } from '@avd/domain';
import type { VideoFrame } from '@avd/stage-kit';
import {
  ATTR_AVD_CHUNK_START_S,
  errorType,
  markFailed,
  SPAN_AVD_MEDIA_DECODE,
} from '@avd/telemetry';

/** The same frames, with one span from the first that is asked for to the last. */
export async function* tracedFrames(
  { startFrame }: FrameRange,
  frames: AsyncIterable<VideoFrame>,
): AsyncGenerator<VideoFrame, void, undefined> {
  const span = trace.getTracer('@avd/stage-host').startSpan(SPAN_AVD_MEDIA_DECODE, {
    attributes: {
      [ATTR_AVD_CHUNK_START_S]: frameToSec(startFrame),
    },
  });
  try {
    yield* frames;
  } catch (error) {
    markFailed(span, errorType(error));
    throw error;
  } finally {
    span.end();
  }
}
