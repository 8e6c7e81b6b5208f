/// <reference lib="dom" />
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FacePath, ReportData } from './page/report-data.js';
import { exampleDocument } from './page/testing/example-document.js';
import { reportHtml } from './report-html.js';
import { chromiumSkipReason, hasChromium, launchChromium, openPage } from './testing/browser.js';

const DURATION_SEC = 7200;
const SPEAKERS = 40;

/** Two hours in which 40 people speak by turns of about a second, each with a face in 90 shots. */
function longTalk(): ReportData {
  const labels = Array.from({ length: SPEAKERS }, (_, i) => `person ${i + 1}`);
  const turns = Array.from({ length: 6000 }, (_, i) => ({
    startSec: i * 1.2,
    endSec: i * 1.2 + 1.1 + (i % 5) * 0.1,
    speaker: labels[(i * 7) % SPEAKERS]!,
    confidence: 0.5 + (i % 50) / 100,
    evidence: { lipSync: 0.8 },
    trackIndex: i % 3600,
  }));
  const faces: FacePath[] = Array.from({ length: 3600 }, (_, trackIndex) => ({
    trackIndex,
    startFrame: trackIndex * 50,
    endFrame: trackIndex * 50 + 250,
    keys: Array.from({ length: 26 }, (__, k) => [
      k * 10 - (k === 25 ? 1 : 0),
      300 + k,
      200,
      60,
    ]).flat(),
    speaking: '3579'.repeat(12),
  }));
  return {
    document: {
      ...exampleDocument(),
      durationSec: DURATION_SEC,
      turns,
      speakers: labels.map((label, i) => ({
        label,
        trackIndexes: faces
          .map(({ trackIndex }) => trackIndex)
          .filter((track) => track % SPEAKERS === i),
        talkTimeSec: 180,
        turnCount: 150,
      })),
      tracks: faces.map(({ trackIndex, startFrame, endFrame }) => ({
        trackIndex,
        startSec: startFrame / 25,
        endSec: endFrame / 25,
        speaker: labels[trackIndex % SPEAKERS]!,
      })),
      shots: Array.from({ length: 900 }, (_, i) => ({ startSec: 8 * i, endSec: 8 * i + 8 })),
    },
    media: {
      name: 'none.mp4',
      source: { href: 'none.mp4' },
      mimeType: '',
      picture: { width: 1280, height: 720 },
    },
    faces,
    thumbnails: [],
    loudness: 'Ad3Fhs9ZqL'.repeat(DURATION_SEC * 2.5),
  };
}

const WORK = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'];

/**
 * Milliseconds of processor time of the page's own thread for scripts, styles and layout while `act` ran. Painting is
 * left out: without a graphics card, as in tests, it is most of the work.
 */
async function workMs(page: Page, act: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const workSec = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.reduce((sum, { name, value }) => sum + (WORK.includes(name) ? value : 0), 0);
  };
  const before = await workSec();
  await act();
  return 1000 * ((await workSec()) - before);
}

/** Runs a step in each of the next pictures. */
const perFrame = (page: Page, count: number, step: string): Promise<void> =>
  page.evaluate(
    ({ times, code }) =>
      new Promise<void>((resolve) => {
        const target = document.querySelector(code)!;
        let left = times;
        const next = (): void => {
          const wheel = code === '#timeline' ? { deltaX: 40, shiftKey: true } : {};
          target.dispatchEvent(
            new WheelEvent('wheel', { cancelable: true, bubbles: true, ...wheel }),
          );
          if (code !== '#timeline') target.scrollTop += code === '#lanes' ? 20 : 60;
          if (--left > 0) requestAnimationFrame(next);
          else resolve();
        };
        requestAnimationFrame(next);
      }),
    { times: count, code: step },
  );

const title = hasChromium
  ? 'a report of two hours and 40 speakers'
  : `a long report: ${chromiumSkipReason}`;

describe.skipIf(!hasChromium)(title, { timeout: 300_000 }, () => {
  let dir: string;
  let browser: Browser;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'avd-long-'));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('is a few megabytes and moves in less than 16 ms of work a picture', async () => {
    const html = reportHtml(longTalk());
    expect(html.length).toBeLessThan(6e6);
    const file = path.join(dir, 'report.html');
    await writeFile(file, html);
    const viewport = { width: 1440, height: 1600 };
    const opened = await openPage(browser, pathToFileURL(file).href, [], { viewport });
    const { page } = opened;
    await page
      .locator('.lane-name')
      .nth(SPEAKERS - 1)
      .waitFor();
    const frames = 60;
    const perPicture: Record<string, number> = {};
    perPicture['scrolling the turns'] =
      (await workMs(page, () => perFrame(page, frames, '#turns'))) / frames;
    perPicture['scrolling the speakers'] =
      (await workMs(page, () => perFrame(page, frames, '#lanes'))) / frames;
    for (let i = 0; i < 6; i++) await page.keyboard.press('+');
    perPicture['panning the timeline'] =
      (await workMs(page, () => perFrame(page, frames, '#timeline'))) / frames;
    console.log(`${(html.length / 1e6).toFixed(1)} MB; ms a picture:`, perPicture);
    for (const [what, ms] of Object.entries(perPicture))
      expect([what, ms < 16]).toEqual([what, true]);
    await opened.close();
  });
});
