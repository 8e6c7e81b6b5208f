import { describe, expect, it } from 'vitest';
import { formatScoreHtml } from './score-html.js';

const ref = [
  { recording: 'a<b>', speaker: 'A & "co"', startSec: 0, endSec: 6 },
  { recording: 'a<b>', speaker: 'B', startSec: 6, endSec: 10 },
];
const hyp = [
  { recording: 'a<b>', speaker: 'x', startSec: 1, endSec: 8 },
  { recording: 'a<b>', speaker: 'y', startSec: 8, endSec: 11 },
  { recording: 'a<b>', speaker: 'z', startSec: 10, endSec: 10.5 },
  { recording: 'a<b>', speaker: 'z', startSec: 10.75, endSec: 11 },
];
const page = formatScoreHtml(ref, hyp, { title: 'Run <1>' });

/** Start of the path of the lane whose title begins with the text. */
function laneTag(label: string): string {
  const tags = page.match(/<path[^>]*><title>[^<]*/g) ?? [];
  return tags.find((tag) => tag.includes(`<title>${label},`))!;
}

describe('formatScoreHtml', () => {
  it('closes every element it opens', () => {
    const open: string[] = [];
    for (const [, slash, name, , selfClosed] of page.matchAll(
      /<(\/?)([a-z]\w*)((?:\s[^<>]*?)?)(\/?)>/g,
    )) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (selfClosed === '' && name !== 'meta') open.push(name!);
    }
    expect(open).toEqual([]);
  });

  it('escapes names and titles', () => {
    expect(page).toContain('<title>Run &lt;1&gt;</title>');
    expect(page).toContain('>a&lt;b&gt;</a>');
    expect(page).toContain('ref A &amp; &quot;co&quot;');
    expect(page).not.toMatch(/a<b>|"co"/);
  });

  it('asks for nothing outside of itself and runs no script', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|url\(|@import|https?:|\son\w+=/i);
  });

  it('follows the reader’s light or dark setting', () => {
    expect(page).toContain('<meta name="color-scheme" content="light dark">');
    expect(page).toContain('prefers-color-scheme:dark');
  });

  it('gives paired speakers one colour and unpaired ones grey', () => {
    const colour = (label: string): string => /--hue:\d+/.exec(laneTag(label))![0];
    expect(colour('hyp x')).toBe(colour('ref A &amp; &quot;co&quot;'));
    expect(colour('hyp y')).toBe(colour('ref B'));
    expect(colour('ref B')).not.toBe(colour('hyp x'));
    expect(laneTag('hyp z')).toContain('class="alone"');
  });

  it('marks each kind of error in a lane of its own and lists the longest', () => {
    expect(laneTag('missed')).toContain('class="missed" d="M0 ');
    expect(laneTag('missed')).toContain('1.00 s in 1 span');
    expect(laneTag('confusion')).toContain('2.00 s in 1 span');
    expect(laneTag('false alarm')).toContain('class="falseAlarm"');
    const first = page.slice(page.indexOf('Longest errors'));
    expect(/<tr><td>.*<\/tr>/.exec(first)![0]).toBe(
      '<tr><td>6.00</td><td>8.00</td><td class="text">confusion</td><td class="text">B</td><td class="text">x</td></tr>',
    );
  });

  it('names every timeline for screen readers and lets the keyboard scroll it', () => {
    expect(page).toContain(
      '<div class="scroll" tabindex="0" role="region" aria-label="Timeline of a&lt;b&gt;">',
    );
    expect(page).toContain('<svg role="img"');
    expect(page).toContain('Who spoke when in a&lt;b&gt;: ref A');
  });

  it('is the same page for the same input, whatever the order of the turns', () => {
    expect(formatScoreHtml(ref, [...hyp].reverse(), { title: 'Run <1>' })).toBe(page);
  });

  it('says so when there are no errors', () => {
    expect(formatScoreHtml(ref, ref)).toContain('<p>No errors.</p>');
  });
});
