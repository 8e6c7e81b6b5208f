import { speakerTone } from '../page/speaker-tone.js';

/** Red, green, blue, 0 to 255. */
export type Rgb = readonly [r: number, g: number, b: number];
/** 8-bit video range. */
export type Yuv = readonly [y: number, u: number, v: number];

/** Weights of red and blue in the luminance (ITU-R BT.601 and BT.709). */
const WEIGHTS = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722] } as const;

export function toYuv([r, g, b]: Rgb, matrix: 'bt601' | 'bt709'): Yuv {
  const [kr, kb] = WEIGHTS[matrix];
  const luma = kr * r + (1 - kr - kb) * g + kb * b;
  return [
    Math.round(16 + (219 * luma) / 255),
    Math.round(128 + (112 * (b - luma)) / (255 * (1 - kb))),
    Math.round(128 + (112 * (r - luma)) / (255 * (1 - kr))),
  ];
}

/** Red for "does not speak" over yellow to green for "speaks", as in the report. @param confidence in [0, 1] */
export function confidenceRgb(confidence: number): Rgb {
  const hue = (125 * Math.max(0, Math.min(1, confidence))) / 60;
  const [low, high] = [13, 242];
  const rising = low + (high - low) * (hue % 1);
  if (hue < 1) return [high, Math.round(rising), low];
  if (hue < 2) return [Math.round(high + low - rising), high, low];
  return [low, high, Math.round(rising)];
}

/** The colour the report shows for the speaker on dark ground. */
export function speakerRgb(speakerId: number): Rgb {
  const { lightness, chroma, hueDeg } = speakerTone(speakerId, true);
  const hue = (hueDeg * Math.PI) / 180;
  return oklabToRgb(lightness, chroma * Math.cos(hue), chroma * Math.sin(hue));
}

/** Björn Ottosson's Oklab to sRGB; what lies outside is cut off. */
function oklabToRgb(lightness: number, a: number, b: number): Rgb {
  const l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b) ** 3;
  const m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b) ** 3;
  const s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b) ** 3;
  const linear = [
    4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
    -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
    -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
  ];
  const [red, green, blue] = linear.map((value) => {
    const limited = Math.max(0, Math.min(1, value));
    const encoded = limited <= 0.003_130_8 ? 12.92 * limited : 1.055 * limited ** (1 / 2.4) - 0.055;
    return Math.round(255 * encoded);
  });
  return [red!, green!, blue!];
}
