import type { TimeSpan } from '@avd/domain';

export interface SegmentCollectorOptions {
  readonly frameMs: number;
  /** Span of the vote that opens and closes a segment; at least one frame. */
  readonly paddingMs: number;
}

/** Turns decisions, one a frame, into segments of speech. Keeps only the frames of one vote. */
export interface SegmentCollector {
  /** Takes the decision for the next frame; returns a segment that ended with it. */
  push(isSpeech: boolean): TimeSpan | undefined;
  /** Ends the sound; returns the segment that was still open. */
  finish(): TimeSpan | undefined;
}

/** More than this part of the frames of a vote must agree; with ten frames that means all ten. */
const MAJORITY = 0.9;

/**
 * Collector in its initial state. A segment opens when nearly all of the last `paddingMs` are speech, and
 * starts with the first of them; it closes when nearly all are silent, and includes them.
 * Equal to `vad_collector` of the reference; exact: starts are sums of the frame length in floating point,
 * because later steps truncate them to video frames; ends are start + duration.
 */
export function createSegmentCollector({
  frameMs,
  paddingMs,
}: SegmentCollectorOptions): SegmentCollector {
  const frameSec = frameMs / 1000;
  const voterCount = Math.floor(paddingMs / frameMs);
  if (!(voterCount >= 1))
    throw new RangeError(`padding of ${paddingMs} ms is shorter than a frame of ${frameMs} ms`);
  const votesForChange = new Uint8Array(voterCount);
  const frameStartsSec = new Float64Array(voterCount);
  let frameStartSec = 0;
  let ballotFrames = 0;
  let changeVotes = 0;
  let isOpen = false;
  let segmentStartSec = 0;
  let segmentFrames = 0;

  function closeSegment(): TimeSpan {
    isOpen = false;
    return {
      startSec: segmentStartSec,
      endSec: segmentStartSec + (segmentFrames * frameMs) / 1000,
    };
  }

  return {
    push(isSpeech) {
      const slot = ballotFrames % voterCount;
      if (ballotFrames >= voterCount) changeVotes -= votesForChange[slot]!;
      votesForChange[slot] = isSpeech === isOpen ? 0 : 1;
      changeVotes += votesForChange[slot];
      frameStartsSec[slot] = frameStartSec;
      frameStartSec += frameSec;
      ballotFrames++;
      if (isOpen) segmentFrames++;
      if (changeVotes <= MAJORITY * voterCount) return undefined;

      const heldFrames = Math.min(ballotFrames, voterCount);
      const oldestSlot = (ballotFrames - heldFrames) % voterCount;
      ballotFrames = 0;
      changeVotes = 0;
      if (isOpen) return closeSegment();
      isOpen = true;
      segmentStartSec = frameStartsSec[oldestSlot]!;
      segmentFrames = heldFrames;
      return undefined;
    },
    finish: () => (isOpen ? closeSegment() : undefined),
  };
}

/**
 * Number of frames the reference's frame generator makes: a last frame that ends exactly with the sound is
 * dropped, so up to one whole frame is lost.
 */
export function vadFrameCount(sampleCount: number, frameSamples: number): number {
  return Math.max(0, Math.ceil(sampleCount / frameSamples) - 1);
}
