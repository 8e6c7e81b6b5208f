import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createModelPool } from './model-pool.js';
import { resolveProviders } from './providers.js';

const nativeDir = mkdtempSync(path.join(tmpdir(), 'avd-providers-'));
afterAll(() => rmSync(nativeDir, { recursive: true }));

describe('resolveProviders', () => {
  it('puts the processor behind what the user asked for', () => {
    writeFileSync(path.join(nativeDir, 'libonnxruntime_providers_cuda.so'), '');
    const place = { nativeDir, platform: 'linux-x64' };
    expect(resolveProviders(['cuda'], place)).toEqual(['cuda', 'cpu']);
    expect(resolveProviders([], place)).toEqual(['cpu']);
    expect(resolveProviders(['cpu', 'cuda'], place)).toEqual(['cuda', 'cpu']);
  });

  it('says what to install when this onnxruntime lacks a provider', () => {
    expect(() => resolveProviders(['tensorrt'], { nativeDir, platform: 'linux-x64' })).toThrow(
      /installed without tensorrt: run "npm install .*TensorRT 10/,
    );
    expect(() => resolveProviders(['cuda'], { nativeDir, platform: 'darwin-arm64' })).toThrow(
      /on linux-x64 only, not on darwin-arm64; use cpu/,
    );
  });

  it('refuses names it does not know before anything is started', () => {
    expect(() => createModelPool({ providers: ['gpu'] })).toThrow(
      'There is no execution provider gpu; there are cpu, cuda, tensorrt.',
    );
  });
});
