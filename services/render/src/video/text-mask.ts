import { CAPITAL_UNITS, glyphsOf, TAIL_UNITS } from './stroke-font.js';

/** How much of each pixel is covered, 0 to 255, rows top to bottom. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Distance between two letters and width of the pen, in units of the font's grid. */
const SPACING_UNITS = 2.6;
const PEN_UNITS = 1.35;

/**
 * A line of text drawn with a round pen, smooth at every size.
 * @param capitalPx height of a capital letter
 */
export function textMask(text: string, capitalPx: number): Mask {
  const unitPx = capitalPx / CAPITAL_UNITS;
  const radius = Math.max(0.55, (PEN_UNITS * unitPx) / 2);
  const margin = Math.ceil(radius + 0.5);
  const glyphs = glyphsOf(text);
  const units = glyphs.reduce((sum, { width }) => sum + width + SPACING_UNITS, -SPACING_UNITS);
  const width = Math.max(1, Math.ceil(units * unitPx) + 2 * margin);
  const height = Math.ceil((CAPITAL_UNITS + TAIL_UNITS) * unitPx) + 2 * margin;
  const mask = { width, height, data: new Uint8Array(width * height) };
  let leftPx = margin;
  for (const glyph of glyphs) {
    for (const line of glyph.lines) {
      for (let i = 0; i + 3 < line.length; i += 2) {
        drawStroke(
          mask,
          leftPx + line[i]! * unitPx,
          margin + line[i + 1]! * unitPx,
          leftPx + line[i + 2]! * unitPx,
          margin + line[i + 3]! * unitPx,
          radius,
        );
      }
    }
    leftPx += (glyph.width + SPACING_UNITS) * unitPx;
  }
  return mask;
}

function drawStroke(
  { width, height, data }: Mask,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
): void {
  const reach = radius + 1;
  const [fromX, toX] = [Math.min(x0, x1) - reach, Math.max(x0, x1) + reach];
  const [fromY, toY] = [Math.min(y0, y1) - reach, Math.max(y0, y1) + reach];
  const squared = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  for (let y = Math.max(0, Math.floor(fromY)); y < Math.min(height, toY); y++) {
    for (let x = Math.max(0, Math.floor(fromX)); x < Math.min(width, toX); x++) {
      const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
      const along = squared === 0 ? 0 : (px * (x1 - x0) + py * (y1 - y0)) / squared;
      const t = Math.max(0, Math.min(1, along));
      const distance = Math.hypot(px - t * (x1 - x0), py - t * (y1 - y0));
      const cover = Math.round(255 * Math.max(0, Math.min(1, radius + 0.5 - distance)));
      const at = y * width + x;
      if (cover > data[at]!) data[at] = cover;
    }
  }
}
