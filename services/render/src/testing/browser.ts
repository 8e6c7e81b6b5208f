import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const executablePath = process.env['AVD_CHROMIUM'] ?? '/usr/bin/chromium';

/** False where there is no browser; tests of the page then skip and say `chromiumSkipReason`. */
export const hasChromium = existsSync(executablePath);
export const chromiumSkipReason = `needs Chromium (apt-get install chromium, or set AVD_CHROMIUM; looked for ${executablePath})`;

export function launchChromium(): Promise<Browser> {
  // Chromium's own sandbox does not start for root, as in containers.
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath,
    args: ['--autoplay-policy=no-user-gesture-required', ...(isRoot ? ['--no-sandbox'] : [])],
  });
}

/** A page and everything it should not have done: errors, and requests to anything but the files named. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function openPage(
  browser: Browser,
  address: string,
  allowed: readonly string[],
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    const isInside = url.startsWith('data:') || url.startsWith('blob:');
    if (!isInside && ![address, ...allowed].includes(url)) complaints.push(`request: ${url}`);
  });
  await page.goto(address);
  return { page, complaints, close: () => context.close() };
}
