/**
 * Makes the telemetry constants (libs/telemetry/src/gen) from the registry (telemetry/*.yaml).
 * `node tools/telemetry.mjs` writes them; with --check it only says which are not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import prettier from 'prettier';

const repoDir = path.resolve(import.meta.dirname, '..');
const genDir = path.join(repoDir, 'libs/telemetry/src/gen');
// yaml is a dependency of libs/telemetry, and may be installed only there.
const { parse } = createRequire(path.join(repoDir, 'libs/telemetry/package.json'))('yaml');

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;
const CHOICES = {
  attributes: {
    type: ['string', 'int', 'double', 'boolean'],
    stability: ['development', 'stable'],
    pii: [true, false],
    origin: ['avd', 'otel'],
  },
  metrics: {
    type: ['counter', 'up_down_counter', 'histogram'],
    stability: ['development', 'stable'],
  },
  spans: {
    kind: ['internal', 'client', 'server', 'producer', 'consumer'],
    stability: ['development', 'stable'],
  },
};

/** @returns {{ attributes: object[], metrics: object[], spans: object[] }} the registry, as it is in `dir` */
export function readRegistry(dir = path.join(repoDir, 'telemetry')) {
  const read = (kind) => parse(readFileSync(path.join(dir, `${kind}.yaml`), 'utf8'))[kind];
  return { attributes: read('attributes'), metrics: read('metrics'), spans: read('spans') };
}

/** @returns {string[]} everything wrong in the registry, one sentence each */
export function registryProblems(registry) {
  const problems = [];
  const known = new Set(registry.attributes.map(({ name }) => name));
  for (const [kind, choices] of Object.entries(CHOICES)) {
    const seen = new Set();
    for (const entry of registry[kind]) {
      const say = (text) => problems.push(`${kind}: ${entry.name}: ${text}`);
      if (!NAME.test(entry.name)) say('is not a dotted lower-case name');
      if (seen.has(entry.name)) say('is listed twice');
      seen.add(entry.name);
      if (!entry.meaning?.endsWith('.')) say('needs a meaning that ends in a full stop');
      for (const [key, allowed] of Object.entries(choices)) {
        if (!allowed.includes(entry[key])) say(`${key} must be one of ${allowed.join(', ')}`);
      }
      for (const name of entry.attributes ?? []) {
        if (!known.has(name)) say(`uses ${name}, which is not in attributes.yaml`);
      }
    }
  }
  for (const { name, type, unit, pii } of registry.attributes) {
    const say = (text) => problems.push(`attributes: ${name}: ${text}`);
    if (['int', 'double'].includes(type) && !unit) say('needs a unit');
    if (pii !== name.split('.').includes('pii'))
      say('has a `pii` segment if and only if pii is true');
  }
  for (const { name, type, unit, buckets, attributes } of registry.metrics) {
    const say = (text) => problems.push(`metrics: ${name}: ${text}`);
    if (!unit) say('needs a unit');
    if ((type === 'histogram') !== Array.isArray(buckets))
      say('a histogram, and only that, has buckets');
    if (buckets?.some((bound, i) => i > 0 && bound <= buckets[i - 1])) say('buckets must grow');
    if (attributes?.some((attribute) => /\.(id|index)$|\.pii\./.test(attribute))) {
      say('has an attribute with too many values');
    }
  }
  return problems;
}

const constant = (prefix, name) => `${prefix}_${name.replaceAll('.', '_').toUpperCase()}`;
const isOneOf = (values) => (values ? ` One of: ${values.join(', ')}.` : '');
const isUsed = (names) => (names?.length ? [`Attributes: ${names.join(', ')}.`] : []);

function doc(lines) {
  return ['/**', ...lines.map((line) => ` * ${line}`), ' */'];
}

function attributesCode(attributes) {
  return attributes.flatMap(({ name, type, unit, meaning, values, stability, pii }) => [
    ...doc([
      `${meaning}${isOneOf(values)}`,
      `Type ${type}${unit && unit !== '1' ? `, unit ${unit}` : ''}; ${stability}${pii ? '; pii' : ''}.`,
    ]),
    `export const ${constant('ATTR', name)} = '${name}';`,
    '',
  ]);
}

function spansCode(spans) {
  return spans.flatMap(({ name, kind, meaning, stability, attributes }) => [
    ...doc([meaning, ...isUsed(attributes), `Kind ${kind}; ${stability}.`]),
    `export const ${constant('SPAN', name)} = '${name}';`,
    '',
  ]);
}

function metricsCode(metrics) {
  const names = metrics.flatMap(({ name, type, unit, meaning, stability, attributes }) => [
    ...doc([meaning, ...isUsed(attributes), `Type ${type}, unit ${unit}; ${stability}.`]),
    `export const ${constant('METRIC', name)} = '${name}';`,
    '',
  ]);
  const table = metrics.map(
    ({ name, type, unit, meaning, buckets }) =>
      `'${name}': ${JSON.stringify({ type, unit, description: meaning, ...(buckets && { buckets }) })},`,
  );
  const header = '/** What each instrument is made of. */';
  return [...names, header, 'export const METRICS = {', ...table, '} as const;'];
}

/** @returns {Promise<Map<string, string>>} generated file name -> its code */
export async function generate(registry) {
  const code = {
    'attributes.ts': attributesCode(registry.attributes),
    'metrics.ts': metricsCode(registry.metrics),
    'spans.ts': spansCode(registry.spans),
  };
  const style = await prettier.resolveConfig(path.join(genDir, 'attributes.ts'));
  const files = new Map();
  for (const [name, lines] of Object.entries(code)) {
    const from = `telemetry/${name.replace('.ts', '.yaml')}`;
    const source = [`// Made from ${from} by tools/telemetry.mjs; do not edit.`, '', ...lines];
    files.set(name, await prettier.format(source.join('\n'), { ...style, parser: 'typescript' }));
  }
  return files;
}

/** @returns {string[]} names of generated files that differ from `files` */
export function staleFiles(files, dir = genDir) {
  return [...files].flatMap(([name, code]) => {
    try {
      return readFileSync(path.join(dir, name), 'utf8') === code ? [] : [name];
    } catch {
      return [name];
    }
  });
}

async function main() {
  const registry = readRegistry();
  const problems = registryProblems(registry);
  if (problems.length > 0) {
    console.error(`The telemetry registry is wrong:\n${problems.join('\n')}`);
    return 1;
  }
  const files = await generate(registry);
  const stale = staleFiles(files);
  if (process.argv.includes('--check')) {
    if (stale.length === 0) return 0;
    console.error(`Not current: ${stale.join(', ')}; run npm run telemetry.`);
    return 1;
  }
  for (const name of stale) writeFileSync(path.join(genDir, name), files.get(name));
  console.log(stale.length === 0 ? 'Nothing to do.' : `Written: ${stale.join(', ')}.`);
  return 0;
}

if (import.meta.filename === process.argv[1]) process.exitCode = await main();
