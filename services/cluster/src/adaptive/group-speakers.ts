import type { LipEvidence } from './lip-evidence.js';
import { differentSpeakers, evidenceOf } from './same-speaker.js';
import type { CellRange } from './speech-cells.js';
import type { AdaptiveParams } from './types.js';
import type { VoiceSpace } from './voice-space.js';
import { weightedLinkage, type Merge } from './weighted-linkage.js';

/** Mean log odds above which two groups are different speakers. */
const DIFFERENT_LOG_ODDS = 3;
/** Who says less, in seconds of loud speech, is taken for a slip of the speech detector and not for a speaker. */
const MIN_SPEAKER_SEC = 0.7;
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
  const naturalCount =
    count - merges.filter(({ distance }) => distance <= DIFFERENT_LOG_ODDS).length;
  const natural = withSpeech(space, cutTree(chosen, merges, naturalCount));
  const wanted = clampSpeakers(natural.length, limits);
  if (natural.length === wanted) return natural;
  // The coarsest level of the tree that has enough speakers; of these the ones who speak most.
  for (let groupCount = wanted; groupCount <= count; groupCount++) {
    const groups = withSpeech(space, cutTree(chosen, merges, groupCount));
    if (groups.length >= wanted) return mostTalkative(space, groups, wanted);
  }
  return cutTree(chosen, merges, wanted);
}

/** Groups with enough speech to be a speaker; if none has, all of them. */
function withSpeech(space: VoiceSpace, groups: CellRange[][]): CellRange[][] {
  const enough = groups.filter((group) => secondsOf(space, group) >= MIN_SPEAKER_SEC);
  return enough.length > 0 ? enough : groups;
}

function mostTalkative(space: VoiceSpace, groups: CellRange[][], count: number): CellRange[][] {
  return groups
    .toSorted((a, b) => secondsOf(space, b) - secondsOf(space, a) || a[0]!.start - b[0]!.start)
    .slice(0, count)
    .sort((a, b) => a[0]!.start - b[0]!.start);
}

function secondsOf(space: VoiceSpace, ranges: readonly CellRange[]): number {
  return ranges.reduce(
    (sum, { start, end }) => sum + space.seconds[end]! - space.seconds[start]!,
    0,
  );
}

function cutTree(
  items: readonly CellRange[],
  merges: readonly Merge[],
  groupCount: number,
): CellRange[][] {
  const groups = new Map(items.map((range, i) => [i, [range]]));
  for (const { from, into } of merges) {
    if (groups.size <= groupCount) break;
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
  return stretches
    .toSorted((a, b) => secondsOf(space, [b]) - secondsOf(space, [a]) || a.start - b.start)
    .slice(0, MAX_STRETCHES)
    .sort((a, b) => a.start - b.start);
}
