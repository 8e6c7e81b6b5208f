import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { generate, readRegistry, registryProblems, staleFiles } from './telemetry.mjs';

describe('the telemetry registry', () => {
  it('has no problems', () => {
    assert.deepEqual(registryProblems(readRegistry()), []);
  });

  it('has generated code that is current', async () => {
    assert.deepEqual(staleFiles(await generate(readRegistry())), [], 'run npm run telemetry');
  });
});

describe('registryProblems', () => {
  const attribute = {
    name: 'avd.media.name',
    type: 'int',
    meaning: 'A name.',
    stability: 'stable',
    pii: false,
    origin: 'avd',
  };
  const metric = {
    name: 'avd.x.time',
    type: 'histogram',
    unit: 's',
    meaning: 'A time.',
    stability: 'stable',
  };
  const problemsOf = (parts) =>
    registryProblems({ attributes: [], metrics: [], spans: [], ...parts }).join('\n');

  it('asks for units, and for a `pii` segment exactly where a value can name somebody', () => {
    const problems = problemsOf({
      attributes: [attribute, { ...attribute, pii: true, unit: '1' }],
    });
    assert.match(problems, /avd\.media\.name: needs a unit/);
    assert.match(problems, /avd\.media\.name: is listed twice/);
    assert.match(problems, /if and only if pii is true/);
  });

  it('refuses unknown attributes, job ids in metrics and buckets that do not grow', () => {
    const attributes = ['avd.job.id'];
    const problems = problemsOf({ metrics: [{ ...metric, attributes, buckets: [1, 1] }] });
    assert.match(problems, /uses avd\.job\.id, which is not in attributes\.yaml/);
    assert.match(problems, /too many values/);
    assert.match(problems, /buckets must grow/);
  });

  it('refuses words outside the lists', () => {
    const span = { name: 'Avd', kind: 'inner', meaning: 'x', stability: 'soon' };
    assert.equal(problemsOf({ spans: [span] }).split('\n').length, 4);
  });
});

describe('staleFiles', () => {
  it('names files that are missing or differ', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'avd-telemetry-test-'));
    try {
      writeFileSync(path.join(dir, 'a.ts'), 'same');
      writeFileSync(path.join(dir, 'b.ts'), 'old');
      const files = new Map([
        ['a.ts', 'same'],
        ['b.ts', 'new'],
        ['c.ts', 'new'],
      ]);
      assert.deepEqual(staleFiles(files, dir), ['b.ts', 'c.ts']);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
