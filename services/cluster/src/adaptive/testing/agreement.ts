import type { TimeSpan } from '@avd/domain';

interface NamedSpan extends TimeSpan {
  readonly name: string | number;
}

/**
 * Share of speaking time on which two labellings agree when names are matched greedily, 10 ms frames;
 * time that only one of them gives to a speaker counts as disagreement.
 */
export function agreementOf(truth: readonly NamedSpan[], found: readonly NamedSpan[]): number {
  const shared = new Map<string, number>();
  let total = 0;
  const endSec = Math.max(
    0,
    ...truth.map((turn) => turn.endSec),
    ...found.map((turn) => turn.endSec),
  );
  for (let sec = 0.005; sec < endSec; sec += 0.01) {
    const at = (spans: readonly NamedSpan[]): Set<string | number> =>
      new Set(
        spans.filter((span) => span.startSec <= sec && sec < span.endSec).map(({ name }) => name),
      );
    const right = at(truth);
    const given = at(found);
    total += Math.max(right.size, given.size);
    for (const a of right)
      for (const b of given) shared.set(`${a}|${b}`, (shared.get(`${a}|${b}`) ?? 0) + 1);
  }
  const used = new Set<string>();
  let agreed = 0;
  for (const [pair, frames] of [...shared].sort((a, b) => b[1] - a[1])) {
    const [a, b] = pair.split('|').map((name, i) => `${i}:${name}`) as [string, string];
    if (used.has(a) || used.has(b)) continue;
    used.add(a).add(b);
    agreed += frames;
  }
  return total === 0 ? 1 : agreed / total;
}
