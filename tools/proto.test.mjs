import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { differingFiles, lint, outdatedFiles, readImageModule, refuseBreaking } from './proto.mjs';
import { repoDir, SetupError } from './setup.mjs';

const genDir = path.join(repoDir, 'libs/contracts/src/gen');

describe('the contract', () => {
  it('keeps its rules', () => {
    lint();
  });

  it('has its code generated', () => {
    assert.deepEqual(outdatedFiles(), []);
  });
});

describe('proto tools', () => {
  let dir;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'avd-proto-test-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('refuse a field that nobody explained', () => {
    cpSync(path.join(repoDir, 'proto'), dir, { recursive: true });
    const file = path.join(dir, 'avdiarization/v1/error.proto');
    const more = '\n// Why.\nmessage Cause {\n  string text = 1;\n}\n';
    writeFileSync(file, readFileSync(file, 'utf8') + more);
    assert.throws(() => lint(dir), {
      constructor: SetupError,
      message: /Field "text" should have a non-empty comment/,
    });
  });

  it('refuse what breaks clients, and take what does not', () => {
    const text = readFileSync(path.join(genDir, 'descriptor-image.ts'), 'utf8');
    const image = readImageModule(text);
    cpSync(path.join(repoDir, 'proto'), dir, { recursive: true });
    const file = path.join(dir, 'avdiarization/v1/diarization_job.proto');
    const proto = readFileSync(file, 'utf8');
    writeFileSync(file, proto.replace('string unit = 8;', 'string unit = 8;\n  int32 more = 9;'));
    refuseBreaking(image, 'main', dir);
    writeFileSync(file, proto.replace('string unit = 8;', 'string unit = 9;'));
    assert.throws(() => refuseBreaking(image, 'main', dir), {
      constructor: SetupError,
      message:
        /field "8" with name "unit" on message "StepProgress" was deleted[^]*clients of main/,
    });
  });

  it('name generated files that were edited, are missing or are left over', () => {
    cpSync(genDir, dir, { recursive: true });
    assert.deepEqual(differingFiles(dir, genDir), []);
    writeFileSync(path.join(dir, 'descriptor-image.ts'), '');
    writeFileSync(path.join(dir, 'left-over.ts'), '');
    rmSync(path.join(dir, 'google/rpc/status.ts'));
    assert.deepEqual(differingFiles(dir, genDir), [
      'descriptor-image.ts',
      'google/rpc/status.ts',
      'left-over.ts',
    ]);
  });

  it('read the image back from its module', () => {
    const image = readImageModule(readFileSync(path.join(genDir, 'descriptor-image.ts'), 'utf8'));
    assert.ok(image.includes('avdiarization/v1/diarization_service.proto'));
    assert.equal(image[0], 0x0a); // field 1 of a FileDescriptorSet: a file
  });
});
