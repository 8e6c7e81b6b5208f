import type { TimeSpan } from '@avd/domain';

/** Who speaks from when to when; SpeechTurn and RttmTurn both are. */
export interface SpeakerTurn extends TimeSpan {
  readonly speaker: string;
}

/**
 * Which time is scored:
 * - `union`: from the first start to the last end over reference and hypothesis (dscore without a UEM)
 * - `reference`: from the first start to the last end of the reference (md-eval without a UEM), so that
 *   speech found before or after is no false alarm
 * - a list of regions (a UEM)
 */
export type ScoredTime = 'union' | 'reference' | readonly TimeSpan[];

/** Regions to score of one recording: ascending, disjoint, not touching. */
export function scoredRegions(
  ref: readonly TimeSpan[],
  hyp: readonly TimeSpan[],
  scored: ScoredTime,
): TimeSpan[] {
  if (typeof scored !== 'string') return joinRegions(scored);
  let startSec = Infinity;
  let endSec = -Infinity;
  for (const turns of scored === 'union' ? [ref, hyp] : [ref]) {
    for (const turn of turns) {
      if (turn.startSec < startSec) startSec = turn.startSec;
      if (turn.endSec > endSec) endSec = turn.endSec;
    }
  }
  return endSec > startSec ? [{ startSec, endSec }] : [];
}

function joinRegions(regions: readonly TimeSpan[]): TimeSpan[] {
  const joined: { startSec: number; endSec: number }[] = [];
  for (const { startSec, endSec } of [...regions].sort((a, b) => a.startSec - b.startSec)) {
    if (endSec <= startSec) continue;
    const last = joined.at(-1);
    if (last !== undefined && startSec <= last.endSec) last.endSec = Math.max(last.endSec, endSec);
    else joined.push({ startSec, endSec });
  }
  return joined;
}

/**
 * The parts of the turns inside of the regions. A cut is an end of a turn like any other, so a collar
 * applies to it: dscore trims before it calls md-eval.
 */
export function trimTurns(
  turns: readonly SpeakerTurn[],
  regions: readonly TimeSpan[],
): SpeakerTurn[] {
  const trimmed: SpeakerTurn[] = [];
  for (const { speaker, startSec, endSec } of turns) {
    for (const region of regions) {
      const from = Math.max(startSec, region.startSec);
      const to = Math.min(endSec, region.endSec);
      if (from < to) trimmed.push({ speaker, startSec: from, endSec: to });
    }
  }
  return trimmed;
}
