import type { Fields } from './settings-schema.js';

const PREFIX = 'AVD_';
/** Variables read outside of a schema: by the command line, the installation and the tests. */
const KNOWN_ELSEWHERE = new Set([
  'AVD_APT',
  'AVD_CHROMIUM',
  'AVD_DEBUG',
  'AVD_FFMPEG',
  'AVD_FFPROBE',
  'AVD_MODEL_MIRROR',
  'AVD_NATS_SERVER',
  'AVD_SCREENSHOT_DIR',
  'AVD_SERVER',
  'AVD_SHARED_DIR',
  'AVD_TEST_SLOW',
]);
/** What Kubernetes sets in every pod for each service of the namespace (service `avd-vad` -> AVD_VAD_PORT …). */
const SERVICE_LINK =
  /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)$/;

/** A warning for each variable with our prefix that no field reads, with the nearest name that one does. */
export function unknownVariables(
  fields: Fields,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const known = Object.values(fields).map(({ variable }) => variable);
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && env[name] !== undefined)
    .filter((name) => !known.includes(name) && !KNOWN_ELSEWHERE.has(name))
    .filter((name) => !SERVICE_LINK.test(name))
    .sort()
    .map((name) => {
      const nearest = nearestName(name, [...known, ...KNOWN_ELSEWHERE]);
      const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
      return `${name} is not known and changes nothing${hint || '.'}`;
    });
}

/** The most similar name, undefined where more than a third of it differs. */
function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const bare = name.slice(PREFIX.length);
  let best: string | undefined;
  let bestDistance = Math.floor(bare.length / 3) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(bare, candidate.slice(PREFIX.length));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance: inserted, removed and replaced characters. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}
