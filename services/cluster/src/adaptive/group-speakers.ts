import type { LipEvidence } from './lip-evidence.js';
import { differentSpeakers, evidenceOf } from './same-speaker.js';
import type { CellRange } from './speech-cells.js';
import type { AdaptiveParams } from './types.js';
import type { VoiceSpace } from './voice-space.js';
import { weightedLinkage } from './weighted-linkage.js';

/** Mean log odds above which two groups are different speakers. */
const DIFFERENT_LOG_ODDS = 3;
/** Longest stretches that are compared pair by pair (9 MB); the decoder gives the rest of a very long recording away. */
const MAX_STRETCHES = 1500;

/** Groups of stretches, one a speaker, by first appearance; stretches left out of a very long recording are in none. */
export function groupSpeakers(
  space: VoiceSpace,
  lips: LipEvidence,
  stretches: readonly CellRange[],
  limits: Omit<AdaptiveParams, 'offscreen'>,
): CellRange[][] {
  const chosen = longest(space, stretches);
  const count = chosen.length;
  const evidence = chosen.map((range) => evidenceOf(space, lips, range));
  const distances = new Float32Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const odds = differentSpeakers(evidence[i]!, evidence[j]!, space.speakerVariance, lips);
      distances[i * count + j] = odds;
      distances[j * count + i] = odds;
    }
  }
  const weights = Float64Array.from(evidence, ({ voice }) => voice.precision);
  const merges = weightedLinkage(distances, weights);
  const natural = count - merges.filter(({ distance }) => distance <= DIFFERENT_LOG_ODDS).length;
  const wanted = clampSpeakers(natural, limits);
  const groups = new Map(chosen.map((range, i) => [i, [range]]));
  for (const { from, into } of merges) {
    if (groups.size <= wanted) break;
    groups.get(into)!.push(...groups.get(from)!);
    groups.delete(from);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a.start - b.start));
}

function clampSpeakers(
  natural: number,
  { numSpeakers, minSpeakers, maxSpeakers }: Omit<AdaptiveParams, 'offscreen'>,
): number {
  if (numSpeakers !== undefined) return numSpeakers;
  return Math.max(1, Math.min(maxSpeakers ?? Infinity, Math.max(minSpeakers ?? 1, natural)));
}

/** The longest stretches, in time order. */
function longest(space: VoiceSpace, stretches: readonly CellRange[]): readonly CellRange[] {
  if (stretches.length <= MAX_STRETCHES) return stretches;
  const secondsOf = ({ start, end }: CellRange): number =>
    space.seconds[end]! - space.seconds[start]!;
  return stretches
    .toSorted((a, b) => secondsOf(b) - secondsOf(a) || a.start - b.start)
    .slice(0, MAX_STRETCHES)
    .sort((a, b) => a.start - b.start);
}
