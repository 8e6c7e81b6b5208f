import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMedia } from '@avd/testing';
import { expect, it } from 'vitest';
import { diarizeVideo, resolveSettings } from './index.js';

const sample = fileURLToPath(new URL('../../../sample/sample.mp4', import.meta.url));

it('writes report.html beside the other results when asked to', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-report-option-'));
  try {
    const input = path.join(dir, 'talk.wav');
    await makeMedia(['-i', sample, '-t', '8', '-vn', input]);
    const outDir = path.join(dir, 'out');
    await diarizeVideo({ input, outDir, settings: resolveSettings({}), report: 'link' });
    expect((await readdir(outDir)).sort()).toEqual([
      'diarization.json',
      'report.html',
      'result.json',
      'result.rttm',
    ]);
    const page = await readFile(path.join(outDir, 'report.html'), 'utf8');
    expect(page).toContain('../talk.wav');
    expect(page).not.toMatch(/(src|href)="https?:/);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
