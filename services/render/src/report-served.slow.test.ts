/// <reference lib="dom" />
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleDocument } from './page/testing/example-document.js';
import { reportData } from './report-data.js';
import { reportHtml } from './report-html.js';
import { chromiumSkipReason, hasChromium, launchChromium, openPage } from './testing/browser.js';
import {
  EXAMPLE,
  exampleMedia,
  exampleScores,
  exampleTracks,
  writeExampleVideo,
} from './testing/example-conversation.js';

let dir: string;
let server: Server;
let browser: Browser;
let base: string;

/** Parts of a file, as browsers ask for them when they seek. */
async function sendMedia(file: string, request: IncomingMessage, response: ServerResponse) {
  const { size } = await stat(file);
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Number(range?.[2] || size - 1);
  response.writeHead(range === null ? 200 : 206, {
    'content-type': 'video/mp4',
    'content-length': end - start + 1,
    'accept-ranges': 'bytes',
    ...(range !== null && { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  createReadStream(file, { start, end }).pipe(response);
}

describe.skipIf(!hasChromium)(`report.html from a server (${chromiumSkipReason})`, () => {
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'avd-served-'));
    const file = path.join(dir, 'video');
    await writeExampleVideo(`${file}.mp4`);
    // Whoever serves the page decides where the recording is; its type need not be known.
    const recording = { name: 'talk.mp4', source: { href: 'media' }, mimeType: '' };
    const input = { document: exampleDocument(), tracks: exampleTracks(), scores: exampleScores() };
    const data = await reportData(
      { ...input, recording },
      exampleMedia(),
      new AbortController().signal,
    );
    const page = reportHtml(data);
    server = createServer((request, response) => {
      if (request.url === '/jobs/7/report')
        response.setHeader('content-type', 'text/html').end(page);
      else if (request.url === '/jobs/7/media') void sendMedia(`${file}.mp4`, request, response);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs/7`;
    browser = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('plays the recording behind a relative link and asks for nothing else', async () => {
    const watched = await openPage(browser, `${base}/report`, [`${base}/media`]);
    const { page, complaints } = watched;
    await page.waitForFunction(() => document.querySelector('video')!.readyState >= 2);
    const [durationSec, width] = await page.evaluate(async () => {
      const video = document.querySelector('video')!;
      video.currentTime = 6;
      await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      return [video.duration, video.videoWidth] as const;
    });
    expect(durationSec).toBeCloseTo(EXAMPLE.durationSec, 0);
    expect(width).toBe(EXAMPLE.width);
    expect(await page.locator('#media-missing').isHidden()).toBe(true);
    expect(complaints).toEqual([]);
    await watched.close();
  }, 120_000);
});
