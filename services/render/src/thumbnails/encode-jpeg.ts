import type { BgrImage } from '@avd/stage-kit';
import { BitWriter, createHuffman, type HuffmanTable } from './huffman.js';

// Arrays of fixed size (64 coefficients) are indexed with `!`.

/** Luminance and chrominance quantisation tables of ITU-T T.81, Annex K.1, rows first. */
const LUMINANCE = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];
const CHROMINANCE = Array.from({ length: 64 }, (_, i) => {
  const [row, column] = [Math.floor(i / 8), i % 8];
  const corner = [17, 18, 24, 47, 18, 21, 26, 66, 24, 26, 56, 99, 47, 66, 99, 99];
  return row < 4 && column < 4 ? corner[4 * row + column]! : 99;
});
const ZIGZAG = zigzagOrder();
/** COSINES[8 u + x] = c(u) / 2 * cos((2 x + 1) u pi / 16) */
const COSINES = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [Math.floor(i / 8), i % 8];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/**
 * A picture as baseline JPEG (ITU-T T.81 with the JFIF header), colours at full resolution.
 *
 * @param quality 1 to 100, scaled as the Independent JPEG Group's library does
 */
export function encodeJpeg(image: BgrImage, quality: number): Uint8Array {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  const tables = [LUMINANCE, CHROMINANCE].map((table) =>
    table.map((value) => Math.max(1, Math.min(255, Math.floor((value * scale + 50) / 100)))),
  );
  const huffman = createHuffman();
  const bits = new BitWriter();
  writeHeaders(bits, image, tables, huffman);
  const block = new Float64Array(64);
  const scratch = new Float64Array(64);
  const previousDc = [0, 0, 0];
  for (let top = 0; top < image.height; top += 8) {
    for (let left = 0; left < image.width; left += 8) {
      for (let channel = 0; channel < 3; channel++) {
        readBlock(image, left, top, channel, block);
        transform(block, scratch);
        const table = tables[channel === 0 ? 0 : 1]!;
        previousDc[channel] = writeBlock(bits, block, table, previousDc[channel]!, huffman);
      }
    }
  }
  bits.flush();
  bits.marker(0xd9, []);
  return bits.toBytes();
}

function writeHeaders(
  bits: BitWriter,
  { width, height }: BgrImage,
  tables: readonly (readonly number[])[],
  { dc, ac }: { readonly dc: HuffmanTable; readonly ac: HuffmanTable },
): void {
  bits.marker(0xd8, []);
  bits.marker(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
  for (const [id, table] of tables.entries()) {
    bits.marker(0xdb, [id, ...ZIGZAG.map((from) => table[from]!)]);
  }
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  // Y, Cb, Cr without subsampling; all three share one pair of Huffman tables.
  bits.marker(0xc0, [8, ...size, 3, 1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1]);
  bits.marker(0xc4, [0x00, ...dc.counts, ...dc.symbols]);
  bits.marker(0xc4, [0x10, ...ac.counts, ...ac.symbols]);
  bits.marker(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
}

/** One 8x8 block of one of Y, Cb, Cr (ITU-R BT.601, full range), centred on zero; edges are repeated. */
function readBlock(
  { width, height, data }: BgrImage,
  left: number,
  top: number,
  channel: number,
  block: Float64Array,
): void {
  for (let y = 0; y < 8; y++) {
    const row = Math.min(height - 1, top + y) * width;
    for (let x = 0; x < 8; x++) {
      const at = 3 * (row + Math.min(width - 1, left + x));
      const [b, g, r] = [data[at]!, data[at + 1]!, data[at + 2]!];
      block[8 * y + x] =
        channel === 0
          ? 0.299 * r + 0.587 * g + 0.114 * b - 128
          : channel === 1
            ? -0.168736 * r - 0.331264 * g + 0.5 * b
            : 0.5 * r - 0.418688 * g - 0.081312 * b;
    }
  }
}

/** Discrete cosine transform of T.81, A.3.3, first rows, then columns. */
function transform(block: Float64Array, scratch: Float64Array): void {
  for (let y = 0; y < 8; y++) {
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += block[8 * y + x]! * COSINES[8 * u + x]!;
      scratch[8 * y + u] = sum;
    }
  }
  for (let u = 0; u < 8; u++) {
    for (let v = 0; v < 8; v++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += scratch[8 * y + u]! * COSINES[8 * v + y]!;
      block[8 * v + u] = sum;
    }
  }
}

/** @returns the quantised DC coefficient, for the next block of the channel */
function writeBlock(
  bits: BitWriter,
  block: Float64Array,
  table: readonly number[],
  previousDc: number,
  { dc, ac }: { readonly dc: HuffmanTable; readonly ac: HuffmanTable },
): number {
  const value = (k: number): number => Math.round(block[ZIGZAG[k]!]! / table[ZIGZAG[k]!]!);
  const first = value(0);
  const difference = first - previousDc;
  bits.symbol(dc, bitLength(difference));
  bits.amplitude(difference, bitLength(difference));
  let zeros = 0;
  for (let k = 1; k < 64; k++) {
    const coefficient = value(k);
    if (coefficient === 0) {
      zeros++;
      continue;
    }
    for (; zeros >= 16; zeros -= 16) bits.symbol(ac, 0xf0);
    const length = bitLength(coefficient);
    bits.symbol(ac, (zeros << 4) | length);
    bits.amplitude(coefficient, length);
    zeros = 0;
  }
  if (zeros > 0) bits.symbol(ac, 0x00);
  return first;
}

function bitLength(value: number): number {
  return 32 - Math.clz32(Math.abs(value));
}

/** Positions 0 to 63 (rows first) in the order of the diagonals. */
function zigzagOrder(): number[] {
  const order = Array.from({ length: 64 }, (_, i) => i);
  const diagonal = (i: number): number => Math.floor(i / 8) + (i % 8);
  // On even diagonals the walk goes up to the right, on odd ones down to the left.
  const along = (i: number): number => (diagonal(i) % 2 === 0 ? i % 8 : Math.floor(i / 8));
  return order.sort((a, b) => diagonal(a) - diagonal(b) || along(a) - along(b));
}
