/** Hair, in the same units as face.mjs: one shader behind the head, one over it. Both set colour and cover. */
import { clamp01, fractalNoise, mix, noise, smoothstep } from './raster.mjs';

const cover = (distance, softness) => clamp01(0.5 - distance / softness);

/** Streaks of hair falling from a parting at (partU, partV): brightness about 1. */
function strands(u, v, partU, partV) {
  const angle = Math.atan2(u - partU, v - partV + 0.25);
  const radius = Math.hypot(u - partU, v - partV);
  const coarse = noise(angle * 14 + 50, radius * 1.6);
  const fine = noise(angle * 46 + 9, radius * 3.1);
  const gloss = Math.exp(-(((radius - 0.55) / 0.16) ** 2));
  return 0.62 + 0.3 * coarse + 0.3 * fine + 0.28 * gloss * coarse;
}

function tone(out, colour, brightness, light, u, v) {
  const lit = clamp01(0.72 - 0.35 * (u * -light.key[0] * 0.9) - 0.2 * v * 0.5);
  for (let channel = 0; channel < 3; channel++) {
    out[channel] =
      colour[channel] *
      brightness *
      (light.ambientColour[channel] + light.keyColour[channel] * lit);
  }
}

/** Long hair with a parting, in front of the shoulders. */
function longHair(look, light, pixel) {
  const { halfWidth, hairlineV } = look.shape;
  const colour = look.hair.colour;
  const outer = (u, v) => {
    const wave = 0.03 * (noise(v * 3.1 + 4, u < 0 ? 3 : 8) - 0.5) + 0.012 * noise(u * 40, v * 4);
    if (v < -0.25) {
      return (Math.hypot(u / (halfWidth + 0.2), (v + 0.25) / 0.9) - 1) * 0.8 - wave;
    }
    const width = halfWidth + 0.2 + 0.05 * Math.sin((v + 0.25) * 2.2);
    return Math.max(
      Math.abs(u) - width - wave,
      v - look.hair.lengthV + 1.6 * (Math.abs(u) - 0.68) ** 2 - 0.06 * noise(u * 18, 2),
    );
  };
  return {
    extent: { u: halfWidth + 0.4, top: -1.3, bottom: look.hair.lengthV + 0.2 },
    back(u, v, out) {
      out[3] = cover(outer(u, v), 2 * pixel);
      if (out[3] > 0) tone(out, colour, strands(u, v, -0.12, -1.0) * 0.62, light, u, v);
    },
    front(u, v, out) {
      const outside = outer(u, v);
      const lean = (u + 0.16) * 0.12;
      const opening = Math.hypot(u / (halfWidth * 0.955), (v - 0.5) / (0.5 - hairlineV + lean)) - 1;
      const inside = v > 0.5 ? Math.abs(u) / (halfWidth * 0.955) - 1 : opening;
      const ragged = 0.02 * (noise(u * 30, v * 9) - 0.5);
      out[3] = cover(outside, 2 * pixel) * cover(-(inside * 0.6 + ragged), 3 * pixel);
      if (out[3] > 0) {
        const edge = mix(0.7, 1, smoothstep(0, 0.18, inside));
        tone(out, colour, strands(u, v, -0.16, -0.98) * edge, light, u, v);
      }
    },
  };
}

/** Short hair on the sides of a bald head. */
function fringe(look, light, pixel) {
  const { halfWidth } = look.shape;
  const outer = (u, v) =>
    (Math.hypot(u / (halfWidth + 0.085), (v + 0.05) / 0.86) - 1) * 0.75 -
    0.015 * noise(u * 40, v * 40);
  return {
    extent: { u: halfWidth + 0.3, top: -1.35, bottom: 0.3 },
    back(u, v, out) {
      out[3] = v < 0.12 ? cover(outer(u, v), 2 * pixel) : 0;
      if (out[3] > 0) tone(out, look.hair.colour, 0.6, light, u, v);
    },
    front(u, v, out) {
      const top = -0.62 + 0.1 * noise(u * 8, 4);
      const sideburn = halfWidth * (0.9 - 0.25 * smoothstep(-0.3, -0.62, v)) - Math.abs(u);
      const inside = Math.max(sideburn + 0.05 * (noise(v * 30, u * 12) - 0.5), top - v, v - 0.1);
      out[3] = cover(outer(u, v), 2 * pixel) * cover(inside, 9 * pixel);
      if (out[3] > 0) {
        const combed = 0.62 + 0.35 * noise(u * 16 + v * 6, v * 34) + 0.25 * noise(u * 40, v * 70);
        tone(out, look.hair.colour, combed, light, u, v);
      }
    },
  };
}

/** Thick short curls. */
function curls(look, light, pixel) {
  const { halfWidth, hairlineV } = look.shape;
  const lump = (u, v) => fractalNoise(u * 7 + 30, v * 7 + 60);
  const outer = (u, v) =>
    (Math.hypot(u / (halfWidth + 0.16), (v + 0.3) / 0.98) - 1) * 0.8 - 0.16 * (lump(u, v) - 0.5);
  return {
    extent: { u: halfWidth + 0.4, top: -1.45, bottom: 0.3 },
    back(u, v, out) {
      out[3] = v < 0.05 ? cover(outer(u, v), 2.5 * pixel) : 0;
      if (out[3] > 0) tone(out, look.hair.colour, 0.7, light, u, v);
    },
    front(u, v, out) {
      const line = hairlineV + 0.3 * u * u - 0.1 * (lump(u, v) - 0.5);
      const sideburn = Math.abs(u) - halfWidth * 0.95;
      const below = Math.min(v - line, Math.max(-sideburn, v + 0.02));
      out[3] = cover(outer(u, v), 2.5 * pixel) * cover(below, 5 * pixel);
      if (out[3] > 0) {
        const curl = noise(u * 26 + 3 * lump(u, v), v * 26 + 4 * lump(v, u));
        tone(out, look.hair.colour, 0.55 + 0.95 * curl * curl + 0.35 * lump(u, v), light, u, v);
      }
    },
  };
}

const styles = { longHair, fringe, curls };

/** @returns `{ extent, back, front }` for `look.hair.style`. */
export function createHair(look, light, pixel) {
  return styles[look.hair.style](look, light, pixel);
}
