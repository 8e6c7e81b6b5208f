import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedRecording, relativeHref } from './recording-link.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-link-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('relativeHref', () => {
  it('leads from the page to the recording, whatever stands in its name', () => {
    const file = path.join(dir, 'talks', 'a b#1?%.mp4');
    const page = new URL(`file://${dir}/out/x/report.html`);
    const href = relativeHref(path.join(dir, 'out', 'x'), file);
    expect(href).toBe('../../talks/a%20b%231%3F%25.mp4');
    expect(decodeURIComponent(new URL(href, page).pathname)).toBe(file);
  });
});

describe('embeddedRecording', () => {
  it('is the file as base64', async () => {
    const file = path.join(dir, 'small');
    await writeFile(file, 'abc');
    expect(await embeddedRecording(file)).toBe('YWJj');
  });

  it('refuses a file a browser could not hold', async () => {
    const file = path.join(dir, 'large');
    await writeFile(file, '');
    await truncate(file, 201 * 2 ** 20);
    await expect(embeddedRecording(file)).rejects.toThrow(/too large .*link it/);
  });
});
