import { FRAMES_PER_SEC, type TimeSpan } from '@avd/domain';

/**
 * Frame at which a speech segment starts or ends. The reference truncates the binary product, so that time stamps which
 * are sums of 0.03 now and then fall one frame early; else the nearest frame is taken.
 */
function toFrame(timeSec: number, truncate: boolean): number {
  const frame = timeSec * FRAMES_PER_SEC;
  return truncate ? Math.trunc(frame) : Math.round(frame);
}

/** Frame after the last one touched by any segment. */
export function speechEndFrame(segments: readonly TimeSpan[], truncate: boolean): number {
  return segments.reduce((end, segment) => Math.max(end, toFrame(segment.endSec, truncate)), 0);
}

/**
 * Number of speech segments which cover each frame, shape (frameCount). Segments may touch or overlap; what lies outside
 * of [0, frameCount) is ignored. With `truncate` equal to voxconverse Diarizer.addvad on a vector of zeros, provided
 * that endSec is the float sum start + duration.
 */
export function countSpeech(
  segments: readonly TimeSpan[],
  frameCount: number,
  truncate: boolean,
): Int16Array {
  const counts = new Int16Array(frameCount);
  for (const segment of segments) {
    const end = Math.min(toFrame(segment.endSec, truncate), frameCount);
    for (let frame = Math.max(0, toFrame(segment.startSec, truncate)); frame < end; frame++) {
      counts[frame]!++;
    }
  }
  return counts;
}
