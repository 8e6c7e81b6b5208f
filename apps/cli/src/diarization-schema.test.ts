import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMedia } from '@avd/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertCommand } from './commands/convert.js';
import { diarizeVideo, resolveSettings } from './index.js';

const fileOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** The parts of the document which the tests change. */
interface Loose {
  [member: string]: unknown;
  turns: Record<string, unknown>[];
  tracks: Record<string, unknown>[];
  speakers: Record<string, unknown>[];
  settings: Record<string, unknown>;
}

let dir: string;
let real: string;
let validate: (value: unknown) => readonly string[];

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-schema-'));
  const input = path.join(dir, 'talk.mp4');
  await makeMedia([
    ...['-i', fileOf('../../../sample/sample.mp4'), '-t', '5', '-vf', 'scale=640:360'],
    ...['-preset', 'veryfast', input],
  ]);
  await diarizeVideo({ input, outDir: dir, settings: resolveSettings({}) });
  real = await readFile(path.join(dir, 'diarization.json'), 'utf8');
  const schema = JSON.parse(
    await readFile(fileOf('../../../docs/diarization.schema.json'), 'utf8'),
  ) as Record<string, unknown>;
  // Strict: words that no version of JSON Schema knows are errors.
  const check = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
    schema,
  );
  validate = (value) => {
    check(value);
    return (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}, 60_000);
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('docs/diarization.schema.json', () => {
  it('accepts what avd writes, with every part of it in use', () => {
    const document = JSON.parse(real) as Loose;
    expect(validate(document)).toEqual([]);
    expect(document.turns[0]).toHaveProperty('trackIndex');
    expect(document.turns[0]?.['evidence']).toHaveProperty('lipSync');
    expect(document.tracks.length).toBeGreaterThan(1);
  });

  it('names every member that avd writes', async () => {
    const text = await readFile(fileOf('../../../docs/diarization.schema.json'), 'utf8');
    const names = new Set([...real.matchAll(/"(\w+)":/g)].map((match) => match[1]!));
    for (const name of names) expect(text).toContain(`"${name}": {`);
  });

  it('accepts a converted file', async () => {
    const args = [path.join(dir, 'result.rttm'), path.join(dir, 'new.diarization.json')];
    await convertCommand(args, new AbortController().signal);
    expect(validate(JSON.parse(await readFile(args[1]!, 'utf8')))).toEqual([]);
  });

  it.each<[string, (document: Loose) => unknown]>([
    ['another version', (d) => (d['schema'] = 'avd/diarization/2')],
    ['no turns', (d) => Reflect.deleteProperty(d, 'turns')],
    ['no recording', (d) => delete d['recording']],
    ['a negative time', (d) => (d.turns[0]!['startSec'] = -0.1)],
    ['a time as text', (d) => (d.turns[0]!['endSec'] = '3.2')],
    ['a turn without end', (d) => delete d.turns[0]!['endSec']],
    ['a turn of nobody', (d) => (d.turns[0]!['speaker'] = '')],
    ['a confidence in percent', (d) => (d.turns[0]!['confidence'] = 87)],
    ['no confidence', (d) => delete d.turns[0]!['confidence']],
    ['evidence above 1', (d) => (d.turns[0]!['evidence'] = { voice: 1.2 })],
    ['evidence of another kind above 1', (d) => (d.turns[0]!['evidence'] = { gaze: 2 })],
    ['half a track', (d) => (d.turns[0]!['trackIndex'] = 0.5)],
    ['a track without speaker or null', (d) => delete d.tracks[0]!['speaker']],
    ['a speaker who never speaks', (d) => (d.speakers[0]!['turnCount'] = 0)],
    ['a face twice', (d) => (d.speakers[0]!['trackIndexes'] = [1, 1])],
    ['settings that do not say what decided', (d) => delete d.settings['vad']],
    ['an unknown way to treat other voices', (d) => (d.settings['offscreen'] = 'no')],
    ['an unknown precision', (d) => (d.settings['precision'] = 'int4')],
    ['no precision', (d) => delete d.settings['precision']],
    ['corrected as text', (d) => (d['corrected'] = 'yes')],
  ])('rejects %s', (_what, damage) => {
    const document = JSON.parse(real) as Loose;
    damage(document);
    expect(validate(document)).not.toEqual([]);
  });
});
