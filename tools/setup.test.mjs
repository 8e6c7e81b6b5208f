import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { checkNode, installation, packagesAreCurrent, SetupError } from './setup.mjs';

describe('checkNode', () => {
  it('accepts the oldest supported Node and newer ones', () => {
    for (const version of ['20.19.0', '20.20.2', '22.0.0', '24.1.0']) checkNode(version);
  });

  it('says which version is needed when Node is too old', () => {
    for (const version of ['18.20.0', '20.18.9']) {
      assert.throws(() => checkNode(version), {
        constructor: SetupError,
        message: /needs Node 20\.19 or newer; this is/,
      });
    }
  });
});

describe('packagesAreCurrent', () => {
  const lock = {
    '': { name: 'x' },
    'libs/a': { version: '0.1.0' },
    'node_modules/@x/a': { resolved: 'libs/a', link: true },
    'node_modules/tool': { version: '1.0.0', integrity: 'sha512-1' },
    'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-2', optional: true },
  };
  const { 'node_modules/other-platform': _, ...installedHere } = lock;

  function check(installed) {
    const dir = mkdtempSync(path.join(tmpdir(), 'avd-setup-test-'));
    try {
      writeFileSync(path.join(dir, 'package-lock.json'), JSON.stringify({ packages: lock }));
      if (installed !== undefined) {
        mkdirSync(path.join(dir, 'node_modules'));
        const note = path.join(dir, 'node_modules', '.package-lock.json');
        writeFileSync(note, JSON.stringify({ packages: installed }));
      }
      return packagesAreCurrent(dir);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }

  it('is true for what npm ci leaves, without the packages of other platforms', () => {
    assert.equal(check(installedHere), true);
  });

  it('is false without node_modules', () => {
    assert.equal(check(undefined), false);
  });

  it('is false when a package is missing, has another version or other contents', () => {
    const { 'node_modules/tool': tool, ...withoutTool } = installedHere;
    assert.equal(check(withoutTool), false);
    assert.equal(
      check({ ...withoutTool, 'node_modules/tool': { ...tool, version: '2.0.0' } }),
      false,
    );
    assert.equal(
      check({ ...withoutTool, 'node_modules/tool': { ...tool, integrity: 'x' } }),
      false,
    );
  });

  it('is false when a package of the workspace is not linked yet', () => {
    const { 'node_modules/@x/a': _link, ...unlinked } = installedHere;
    assert.equal(check(unlinked), false);
  });
});

describe('installation', () => {
  const person = {
    platform: 'linux',
    isRoot: false,
    hasApt: true,
    hasSudo: true,
    isCi: false,
    consent: false,
    isTerminal: true,
  };

  it('asks a person first, and never installs where nobody can answer', () => {
    assert.equal(installation('ffmpeg', person).allowed, 'ask');
    assert.equal(installation('ffmpeg', { ...person, isTerminal: false }).allowed, 'no');
  });

  it('installs at once with consent and in CI, through sudo', () => {
    for (const change of [{ consent: true }, { isCi: true }]) {
      const { command, allowed } = installation('ffmpeg', {
        ...person,
        isTerminal: false,
        ...change,
      });
      assert.equal(allowed, 'yes');
      assert.match(command, /^sudo apt-get install -y --no-install-recommends ffmpeg$/);
    }
  });

  it('installs as root without sudo', () => {
    const { command, allowed } = installation('ffmpeg', {
      ...person,
      isRoot: true,
      hasSudo: false,
    });
    assert.equal(allowed, 'yes');
    assert.match(command, /^apt-get install/);
  });

  it('only says what to run without apt-get or without the rights', () => {
    assert.equal(
      installation('ffmpeg', { ...person, hasSudo: false, consent: true }).allowed,
      'no',
    );
    const noApt = installation('ffmpeg', { ...person, hasApt: false, consent: true });
    assert.deepEqual(noApt, { allowed: 'no' });
    const mac = installation('ffmpeg', { ...person, platform: 'darwin', consent: true });
    assert.deepEqual(mac, { command: 'brew install ffmpeg', allowed: 'no' });
  });
});
