import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ESLint } from 'eslint';

const repoDir = path.resolve(import.meta.dirname, '..');
const boundaryRules = new Set(['@nx/enforce-module-boundaries', 'no-restricted-imports']);
const eslint = new ESLint({
  cwd: repoDir,
  ruleFilter: ({ ruleId }) => boundaryRules.has(ruleId),
  // The rules asked here look at import lines only; without types they answer in milliseconds.
  overrideConfig: [{ languageOptions: { parserOptions: { projectService: false } } }],
});

/** What lint objects to in a file of package `dir` which imports `name`. */
async function objections(dir, name, file = 'index.ts') {
  const filePath = path.join(repoDir, dir, 'src', file);
  const [result] = await eslint.lintText(`import * as it from '${name}';\nvoid it;\n`, {
    filePath,
  });
  return result.messages.map(({ messageId, message }) => messageId ?? message);
}

const layer = 'onlyTagsConstraintViolation';
const circle = 'noCircularDependencies';
const byPath = 'noRelativeOrAbsoluteImportsAcrossLibraries';
const owned = 'bannedExternalImportsViolation';
const program = 'pathWithCustomMessage';

const forbidden = [
  [layer, 'a stage importing an adapter', 'services/vad', '@avd/media'],
  [layer, 'a stage importing the models', 'services/embed', '@avd/inference'],
  [layer, 'a stage importing another stage', 'services/vad', '@avd/syncnet'],
  [circle, 'a stage importing the pipeline', 'services/cluster', '@avd/pipeline'],
  [circle, 'the domain importing an algorithm', 'libs/domain', '@avd/dsp'],
  [circle, 'the domain importing the stage kit', 'libs/domain', '@avd/stage-kit'],
  [circle, 'an algorithm importing a stage', 'libs/vision', '@avd/face-track'],
  [layer, 'an algorithm importing an adapter', 'libs/dsp', '@avd/media'],
  [layer, 'the pipeline importing an adapter', 'libs/pipeline', '@avd/inference'],
  [circle, 'an adapter importing a stage', 'libs/media', '@avd/vad'],
  [layer, 'an adapter importing a stage that is not hosted', 'libs/media', '@avd/render'],
  [layer, 'a stage importing its host', 'services/vad', '@avd/stage-host'],
  [layer, 'a stage importing the contract', 'services/vad', '@avd/contracts'],
  [layer, 'the pipeline importing the contract', 'libs/pipeline', '@avd/contracts'],
  [circle, 'a library importing the app', 'libs/pipeline', '@avd/cli'],
  [byPath, 'another package by its path', 'services/vad', '../../../libs/media/src/index.js'],
  [owned, 'onnxruntime-node in a stage', 'services/embed', 'onnxruntime-node'],
  [owned, 'onnxruntime-node in another adapter', 'libs/media', 'onnxruntime-node'],
  [owned, 'onnxruntime-node in the app', 'apps/cli', 'onnxruntime-node'],
  [owned, 'fluent-ffmpeg in another adapter', 'libs/inference', 'fluent-ffmpeg'],
  [owned, 'fluent-ffmpeg in the app', 'apps/cli', 'fluent-ffmpeg'],
  [owned, 'gRPC in the orchestrator', 'services/orchestrator', '@grpc/grpc-js'],
  [owned, 'NATS in the host', 'libs/stage-host', '@nats-io/transport-node'],
  [owned, 'the AWS SDK in another adapter', 'libs/media', '@aws-sdk/client-s3'],
  [owned, 'the OpenTelemetry SDK in the app', 'apps/cli', '@opentelemetry/sdk-node'],
  [program, 'programs started by a stage', 'services/vad', 'node:child_process'],
  [program, 'programs started by the inference adapter', 'libs/inference', 'child_process'],
];

const allowed = [
  ['a stage importing an algorithm', 'services/vad', '@avd/dsp'],
  ['a stage importing the stage kit', 'services/vad', '@avd/stage-kit'],
  ['the pipeline importing a stage', 'libs/pipeline', '@avd/vad'],
  ['the app importing an adapter', 'apps/cli', '@avd/media'],
  ['onnxruntime-node in its adapter', 'libs/inference', 'onnxruntime-node'],
  ['fluent-ffmpeg in its adapter', 'libs/media', 'fluent-ffmpeg'],
  ['the door of a stage importing its host', 'services/vad', '@avd/stage-host', 'main.ts'],
  [
    'the calls of a stage importing the contract',
    'services/vad',
    '@avd/contracts',
    'host/calls.ts',
  ],
  ['the orchestrator importing an adapter', 'services/orchestrator', '@avd/messaging'],
  ['gRPC in the code made from the contract', 'libs/contracts', '@grpc/grpc-js'],
  ['programs started by the media adapter', 'libs/media', 'node:child_process'],
];

describe('package boundaries', () => {
  for (const [reason, title, dir, name] of forbidden) {
    it(`lint refuses ${title}`, async () => {
      assert.deepEqual(await objections(dir, name), [reason]);
    });
  }

  for (const [title, dir, name, file] of allowed) {
    it(`lint accepts ${title}`, async () => {
      assert.deepEqual(await objections(dir, name, file), []);
    });
  }

  it('every package has a type, and every adapter the name by which it owns outside packages', () => {
    for (const group of ['libs', 'services', 'apps']) {
      for (const folder of readdirSync(path.join(repoDir, group))) {
        const manifestPath = path.join(repoDir, group, folder, 'package.json');
        const tags = JSON.parse(readFileSync(manifestPath, 'utf8')).nx?.tags ?? [];
        assert.equal(tags.filter((tag) => tag.startsWith('type:')).length, 1, `${folder}: ${tags}`);
        if (tags.includes('type:adapter')) assert.ok(tags.includes(`lib:${folder}`), folder);
      }
    }
  });
});
