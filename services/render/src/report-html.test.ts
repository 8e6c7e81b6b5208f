import { describe, expect, it } from 'vitest';
import { exampleDocument } from './page/testing/example-document.js';
import type { ReportData } from './page/report-data.js';
import { pageFiles } from './page-files.js';
import { reportHtml } from './report-html.js';

const hostile = '</script><script>window.hacked = 1</script><img src=x onerror="alert(1)">';

function dataOf(parts: Partial<ReportData> = {}): ReportData {
  return {
    document: exampleDocument(),
    media: { name: 'talk.mp4', source: { href: 'talk.mp4' }, mimeType: 'video/mp4' },
    faces: [],
    thumbnails: [],
    loudness: '',
    ...parts,
  };
}

describe('reportHtml', () => {
  it('keeps names as data: they can end no element and start none', () => {
    const document = {
      ...exampleDocument([hostile, 'b', 'c']),
      recording: hostile,
      notices: [hostile],
    };
    const html = reportHtml(dataOf({ document }));
    expect(html).not.toContain('<script>window.hacked');
    expect(html).not.toContain('<img src=x');
    expect(html.match(/<script/g)).toHaveLength(2);
    const json = /id="report-data">(.*?)<\/script>/s.exec(html)![1]!;
    expect(JSON.parse(json)).toMatchObject({ document: { recording: hostile } });
  });

  it('allows its own script and style and nothing from anywhere else', () => {
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(reportHtml(dataOf()))![1]!;
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/script-src 'sha256-/);
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it('lets a recording on the web be played from there', () => {
    const source = { href: 'https://media.example.org/talks/1.mp4' };
    const html = reportHtml(dataOf({ media: { name: '1.mp4', source, mimeType: 'video/mp4' } }));
    expect(html).toMatch(/media-src 'self' file: blob: https:\/\/media\.example\.org;/);
  });

  it('is the same text for the same result', () => {
    expect(reportHtml(dataOf())).toBe(reportHtml(dataOf()));
  });

  it('says in words how long the recording is and who speaks', () => {
    expect(reportHtml(dataOf())).toContain('0:08 · 3 speakers · 4 turns');
  });
});

describe('the style of the page', () => {
  const { style } = pageFiles();
  const schemes = [...style.matchAll(/:root\s*\{([^}]*)\}/g)].map(
    ([, body]) =>
      new Map([...body!.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1]!, m[2]!])),
  );

  it.each([
    ['light', 0],
    ['dark', 1],
  ] as const)('keeps a contrast of 4.5 to 1 for text in the %s scheme', (_, index) => {
    const colours = new Map([...schemes[0]!, ...schemes[index]!]);
    const pairs = [
      ['text', 'panel'],
      ['text', 'back'],
      ['text', 'stripe'],
      ['text', 'chosen'],
      ['text', 'field'],
      ['muted', 'panel'],
      ['muted', 'stripe'],
      ['muted', 'chosen'],
      ['danger', 'panel'],
      ['on-accent', 'accent'],
      ['accent', 'panel'],
      ['warn-text', 'warn-back'],
    ] as const;
    for (const [front, back] of pairs) {
      const ratio = contrast(colours.get(front)!, colours.get(back)!);
      expect([front, back, ratio >= 4.5]).toEqual([front, back, true]);
    }
  });
});

/** Contrast ratio of WCAG 2. */
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light! + 0.05) / (dark! + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}
