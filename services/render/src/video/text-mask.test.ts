import { describe, expect, it } from 'vitest';
import { glyphsOf } from './stroke-font.js';
import { textMask } from './text-mask.js';

/** Share of the pixels that are covered. */
const ink = ({ data }: { readonly data: Uint8Array }): number =>
  data.reduce((sum, cover) => sum + cover, 0) / 255 / data.length;

describe('the font', () => {
  it('has a drawing of its own for every letter and digit', () => {
    const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789#_-.:';
    const drawings = new Set(glyphsOf(characters).map((glyph) => JSON.stringify(glyph)));
    expect(drawings.size).toBe(characters.length);
    const unknown = JSON.stringify(glyphsOf('漢')[0]);
    expect(drawings.has(unknown)).toBe(false);
  });

  it('stays inside of its grid and writes whole points', () => {
    for (let code = 32; code < 127; code++) {
      const [glyph] = glyphsOf(String.fromCharCode(code));
      for (const line of glyph!.lines) {
        expect(line.length % 2).toBe(0);
        expect(line.length).toBeGreaterThanOrEqual(4);
        line.forEach((value, i) =>
          expect(value).toBeLessThanOrEqual(i % 2 === 0 ? glyph!.width : 12),
        );
      }
    }
  });

  it('leaves accents out', () => {
    expect(glyphsOf('é')).toEqual(glyphsOf('e'));
  });
});

describe('textMask', () => {
  it('grows with the size and the length of the text', () => {
    const small = textMask('spk00', 9);
    const large = textMask('spk00', 18);
    expect(large.width / small.width).toBeCloseTo(2, 0);
    expect(textMask('spk00 #12', 9).width).toBeGreaterThan(small.width);
  });

  it('is thin ink on nothing, dark to the edge of no letter', () => {
    const mask = textMask('Hxg', 12);
    expect(ink(mask)).toBeGreaterThan(0.08);
    expect(ink(mask)).toBeLessThan(0.4);
    const edge = [...mask.data.slice(0, mask.width), ...mask.data.slice(-mask.width)];
    expect(Math.max(...edge)).toBeLessThan(128);
  });

  it('is one pixel wide for no text', () => {
    expect(textMask('', 12).data.every((cover) => cover === 0)).toBe(true);
  });
});
