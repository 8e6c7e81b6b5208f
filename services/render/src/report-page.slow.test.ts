/// <reference lib="dom" />
import { mkdtemp, readFile, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseRttm } from '@avd/domain';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DiarizationDocument, ReportMedia } from './page/report-data.js';
import { exampleDocument } from './page/testing/example-document.js';
import { reportData } from './report-data.js';
import { reportHtml } from './report-html.js';
import { chromiumSkipReason, hasChromium, launchChromium, openPage } from './testing/browser.js';
import {
  EXAMPLE,
  exampleCentre,
  exampleMedia,
  exampleScores,
  exampleTracks,
  writeExampleVideo,
} from './testing/example-conversation.js';

const VIDEO_NAME = 'talk show #1 (50%).mp4';
/** Screenshots stay here to be looked at. */
const shotDir = process.env['AVD_SCREENSHOT_DIR'] ?? path.join(tmpdir(), 'avd-screenshots');

async function writeReport(
  file: string,
  document: DiarizationDocument,
  source: ReportMedia['source'],
  embedded?: string,
): Promise<string> {
  const recording = { name: VIDEO_NAME, source, mimeType: 'video/mp4' };
  const input = { document, tracks: exampleTracks(), scores: exampleScores(), recording };
  const data = await reportData(input, exampleMedia(), new AbortController().signal);
  await writeFile(file, reportHtml(data, embedded));
  return pathToFileURL(file).href;
}

const timeOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector('video')!.currentTime);

async function seek(page: Page, timeSec: number): Promise<void> {
  await page.evaluate(async (to) => {
    const video = document.querySelector('video')!;
    video.pause();
    const isThere = new Promise((resolve) =>
      video.addEventListener('seeked', resolve, { once: true }),
    );
    video.currentTime = to;
    await isThere;
  }, timeSec);
}

/** Middle of a lane of the timeline at a time, while all of the recording is shown. */
async function pointOf(page: Page, lane: number, timeSec: number) {
  const box = (await page.locator('#timeline').boundingBox())!;
  return {
    x: box.x + (timeSec / EXAMPLE.durationSec) * box.width,
    y: box.y + 64 + 48 * (lane + 0.5),
  };
}

async function clickTurn(page: Page, lane: number, timeSec: number): Promise<void> {
  const { x, y } = await pointOf(page, lane, timeSec);
  await page.mouse.click(x, y);
}

/** Whether the left edge of the box drawn around a face is red or green; undefined where there is no box. */
function boxColour(
  page: Page,
  track: 0 | 1,
  timeSec: number,
): Promise<'red' | 'green' | undefined> {
  const [x, y] = exampleCentre(track, timeSec);
  return page.evaluate(
    ({ left, top, width }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('#boxes')!;
      const copy = document.createElement('canvas');
      copy.width = copy.height = 1;
      const scale = canvas.width / width;
      const context = copy.getContext('2d')!;
      context.drawImage(canvas, -Math.round(left * scale), -Math.round(top * scale));
      const pixel = context.getImageData(0, 0, 1, 1).data;
      const [r, g, , a] = pixel;
      if (a! < 200) return undefined;
      return r! > 200 && g! < 100 ? 'red' : g! > 180 && r! < 120 ? 'green' : undefined;
    },
    { left: x - 30, top: y, width: EXAMPLE.width },
  );
}

async function savedText(page: Page, format: string): Promise<{ name: string; text: string }> {
  await page.selectOption('#save-format', format);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
  return {
    name: download.suggestedFilename(),
    text: await readFile(await download.path(), 'utf8'),
  };
}

async function savedTurns(page: Page) {
  const { text } = await savedText(page, 'rttm');
  return parseRttm(text).map(({ speaker, startSec, endSec }) => [
    speaker,
    Number(startSec.toFixed(2)),
    Number(endSec.toFixed(2)),
  ]);
}

const title = hasChromium ? 'report.html' : `report.html: ${chromiumSkipReason}`;
/** A busy machine takes its time to start pages. */
const timeout = 300_000;

describe.skipIf(!hasChromium)(title, { timeout }, () => {
  let dir: string;
  let browser: Browser;
  let address: string;
  let videoAddress: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'avd-report-'));
    const video = path.join(dir, VIDEO_NAME);
    await writeExampleVideo(video);
    videoAddress = pathToFileURL(video).href;
    const source = { href: encodeURIComponent(VIDEO_NAME) };
    address = await writeReport(path.join(dir, 'report.html'), exampleDocument(), source);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function withPage(
    use: (page: Page) => Promise<void>,
    options: Parameters<typeof openPage>[3] & { readonly address?: string } = {},
  ): Promise<void> {
    const { address: other, ...context } = options;
    const allowed = [videoAddress, videoAddress.replaceAll('(', '%28').replaceAll(')', '%29')];
    const viewport = { width: 1280, height: 1700 };
    const watched = await openPage(browser, other ?? address, allowed, { viewport, ...context });
    try {
      await watched.page.waitForFunction(() => document.querySelector('video')!.readyState >= 2);
      await use(watched.page);
      expect(watched.complaints).toEqual([]);
    } finally {
      await watched.close();
    }
  }

  it('shows the faces of those who are seen', () =>
    withPage(async (page) => {
      const sizes = await page
        .locator('#lane-names img')
        .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
      expect(sizes).toEqual([112, 112]);
      await expect(page.locator('#lane-names .heard').count()).resolves.toBe(1);
    }));

  it('goes to the moment clicked on the timeline and to the start of a turn chosen in the list', () =>
    withPage(async (page) => {
      await clickTurn(page, 1, 3.5);
      await page.waitForFunction(
        () => Math.abs(document.querySelector('video')!.currentTime - 3.5) < 0.05,
      );
      expect(await page.locator('.turn[aria-selected=true]').innerText()).toContain('Ben');
      await page.locator('.turn', { hasText: 'Voice' }).click();
      await page.waitForFunction(() => document.querySelector('video')!.currentTime === 6);
    }));

  it('draws green boxes around who speaks and red ones around who does not, as the video plays', () =>
    withPage(async (page) => {
      await seek(page, 1);
      expect(await boxColour(page, 0, 1)).toBe('green');
      expect(await boxColour(page, 1, 1)).toBe('red');
      await seek(page, 3.6);
      expect(await boxColour(page, 0, 3.6)).toBe('red');
      expect(await boxColour(page, 1, 3.6)).toBe('green');
      expect(await boxColour(page, 0, 1)).toBeUndefined();
      await page.evaluate(() => document.querySelector('video')!.play());
      await page.waitForFunction(() => document.querySelector('video')!.currentTime > 4.7);
      await page.evaluate(() => document.querySelector('video')!.pause());
      await page.waitForTimeout(100);
      expect(await boxColour(page, 0, await timeOf(page))).toBeDefined();
      await page.click('text=Boxes');
      expect(await boxColour(page, 1, 5)).toBeUndefined();
    }));

  it('says who is speaking now', () =>
    withPage(async (page) => {
      await seek(page, 4.5);
      expect(await page.locator('#now').innerText()).toBe('Ann\nBen');
      await seek(page, 5.5);
      expect(await page.locator('#now').innerText()).toBe('Nobody is speaking');
    }));

  it('renames a speaker everywhere, merges two, and both can be undone', () =>
    withPage(async (page) => {
      await page.click('[data-speaker="0"]');
      await page.fill('#speaker-name', 'Ben');
      await page.press('#speaker-name', 'Enter');
      expect(await page.locator('#speaker-problem').innerText()).toContain('merge');
      await page.fill('#speaker-name', 'Dr. Ann <b>');
      await page.press('#speaker-name', 'Enter');
      expect(await savedTurns(page)).toEqual([
        ['Dr._Ann_<b>', 0.5, 2.5],
        ['Ben', 2.8, 4.6],
        ['Dr._Ann_<b>', 4.4, 5.2],
        ['Voice', 6, 7.5],
      ]);
      await page.click('[data-speaker="2"]');
      await page.selectOption('#merge-into', { label: 'Ben' });
      await page.click('#merge-form button');
      expect((await savedTurns(page)).map(([speaker]) => speaker)).toEqual([
        'Dr._Ann_<b>',
        'Ben',
        'Dr._Ann_<b>',
        'Ben',
      ]);
      expect(await page.locator('#statistics tr').count()).toBe(2);
      await page.click('#undo');
      await page.keyboard.press('Control+z');
      expect((await savedTurns(page)).map(([speaker]) => speaker)).toEqual([
        'Ann',
        'Ben',
        'Ann',
        'Voice',
      ]);
    }));

  it('moves a boundary by dragging, by key and by typing', () =>
    withPage(async (page) => {
      await clickTurn(page, 0, 1.5);
      const from = await pointOf(page, 0, 2.5);
      const to = await pointOf(page, 0, 3.2);
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move((from.x + to.x) / 2, to.y);
      await page.mouse.move(to.x, to.y);
      await page.mouse.up();
      const [dragged] = await savedTurns(page);
      expect(dragged![2]).toBeCloseTo(3.2, 1);
      await seek(page, 0.9);
      await page.keyboard.press('[');
      expect((await savedTurns(page))[0]![1]).toBeCloseTo(0.9, 2);
      await page.fill('#turn-end', '0:02.25');
      await page.press('#turn-end', 'Enter');
      expect((await savedTurns(page))[0]).toEqual(['Ann', 0.9, 2.25]);
      for (let i = 0; i < 3; i++) await page.click('#undo');
      expect((await savedTurns(page))[0]).toEqual(['Ann', 0.5, 2.5]);
      expect(await page.locator('#undo').isDisabled()).toBe(true);
    }));

  it('gives a turn to a new speaker, deletes one and adds one', () =>
    withPage(async (page) => {
      await clickTurn(page, 1, 3.5);
      await page.selectOption('#turn-speaker', { label: 'New speaker' });
      await clickTurn(page, 2, 7);
      await page.keyboard.press('Delete');
      await seek(page, 5.5);
      await page.keyboard.press('a');
      expect(await savedTurns(page)).toEqual([
        ['Ann', 0.5, 2.5],
        ['speaker_4', 2.8, 4.6],
        ['Ann', 4.4, 5.2],
        ['Ann', 5.5, 7.5],
      ]);
    }));

  it('saves a VIA project, all of the document and every other format', () =>
    withPage(async (page) => {
      const via = JSON.parse((await savedText(page, 'via')).text) as {
        file: { 1: { fname: string } };
      };
      expect(via.file[1].fname).toBe(VIDEO_NAME);
      const json = await savedText(page, 'json');
      expect(json.name).toBe('talk.json');
      expect(JSON.parse(json.text)).toEqual({ ...exampleDocument(), corrected: true });
      const names = await page
        .locator('#save-format option')
        .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
      for (const name of names) expect((await savedText(page, name)).text).toContain('Ann');
    }));

  it('can be used by keyboard alone', () =>
    withPage(async (page) => {
      await page.keyboard.press('n');
      await page.waitForFunction(() => document.querySelector('video')!.currentTime === 0.5);
      await page.keyboard.press('n');
      await page.waitForFunction(() => document.querySelector('video')!.currentTime === 2.8);
      await page.keyboard.press('ArrowRight');
      await page.waitForFunction(() => document.querySelector('video')!.currentTime === 3.8);
      await page.keyboard.press('.');
      await page.waitForFunction(
        () => Math.abs(document.querySelector('video')!.currentTime - 3.86) < 1e-3,
      );
      await page.keyboard.press('r');
      expect(await page.inputValue('#speaker-name')).toBe('Ben');
      await page.keyboard.press('Escape');
      await page.focus('#turns');
      await page.keyboard.press('End');
      await page.waitForFunction(() => document.querySelector('video')!.currentTime === 6);
      await page.keyboard.press('?');
      expect(await page.locator('#help').isVisible()).toBe(true);
    }));

  it('names every control for those who cannot see it', () =>
    withPage(async (page) => {
      const nameless = await page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('button, input, select, [role], [tabindex]')]
          .filter(
            (element) =>
              element.role !== 'presentation' &&
              element.role !== 'status' &&
              element.role !== 'alert',
          )
          .filter((element) => {
            const labels = (element as HTMLInputElement).labels;
            const name = element.ariaLabel ?? labels?.[0]?.textContent ?? element.textContent;
            return (name ?? '').trim() === '';
          })
          .map((element) => element.outerHTML),
      );
      expect(nameless).toEqual([]);
      const snapshot = await page.locator('main').ariaSnapshot();
      expect(snapshot).toContain('listbox "Turns in order of time"');
      expect(snapshot).toContain('slider "Position in the recording"');
    }));

  it('never runs what stands in a name', async () => {
    const hostile =
      '<img src=x onerror="window.hacked=1"></script><script>window.hacked=1</script>';
    const document = { ...exampleDocument([hostile, 'Ben\'"&', 'Voice']), recording: hostile };
    const source = { href: encodeURIComponent(VIDEO_NAME) };
    const page = await writeReport(path.join(dir, 'hostile.html'), document, source);
    await withPage(
      async (opened) => {
        await seek(opened, 1);
        expect(await opened.evaluate(() => 'hacked' in window)).toBe(false);
        expect(await opened.locator('#lane-names img').count()).toBe(2);
        expect(await opened.locator('.lane-label').first().innerText()).toBe(hostile);
      },
      { address: page },
    );
  });

  it('plays a recording that is embedded', async () => {
    const bytes = await readFile(path.join(dir, VIDEO_NAME));
    const file = path.join(dir, 'embedded.html');
    const page = await writeReport(file, exampleDocument(), 'embedded', bytes.toString('base64'));
    await withPage(
      async (opened) => {
        await seek(opened, 4);
        expect(await timeOf(opened)).toBe(4);
      },
      { address: page },
    );
  });

  it('asks for the file when the recording was moved, and goes on with it', async () => {
    const page = await writeReport(path.join(dir, 'moved.html'), exampleDocument(), {
      href: 'gone.mp4',
    });
    const moved = await openPage(browser, page, []);
    await moved.page.locator('#media-missing').waitFor({ state: 'visible' });
    await moved.page.setInputFiles('#media-file', path.join(dir, VIDEO_NAME));
    await moved.page.waitForFunction(() => document.querySelector('video')!.readyState >= 2);
    expect(await moved.page.locator('#media-missing').isVisible()).toBe(false);
    await moved.close();
  });

  it('fits a phone and follows the dark setting (screenshots)', async () => {
    await mkdir(shotDir, { recursive: true });
    const desktop = { viewport: { width: 1440, height: 1500 } };
    const phone = {
      viewport: { width: 390, height: 1800 },
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
    };
    const views = { desktop, dark: { ...desktop, colorScheme: 'dark' as const }, phone };
    for (const [name, options] of Object.entries(views)) {
      await withPage(async (page) => {
        await seek(page, 1);
        await clickTurn(page, 0, 1.2);
        await page.waitForTimeout(200);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - window.innerWidth,
        );
        expect(overflow).toBeLessThanOrEqual(0);
        await page.screenshot({ path: path.join(shotDir, `report-${name}.png`), fullPage: true });
      }, options);
    }
  });
});
