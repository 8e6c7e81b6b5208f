/** Lips, and what is seen between them; units as in face.mjs. */
import { blend, clamp01, mix, noise, smoothstep } from './raster.mjs';

/** Height of the fully open mouth. */
const MOUTH_OPEN_HEIGHT = 0.25;

export function createMouth(look, pose, pixel) {
  const { shape, lips } = look;
  const open = pose.mouthOpen;
  const half = shape.mouthWidth * (1 + 0.1 * pose.mouthWide - 0.07 * open);
  const height = MOUTH_OPEN_HEIGHT * open;
  return (u, v, out, lit) => {
    const along = u / half;
    if (Math.abs(along) > 1.3 || Math.abs(v - shape.mouthV - 0.08) > 0.45) return;
    const arch = Math.max(0, 1 - along * along);
    const curve = arch ** 0.7;
    const corner = shape.smile * along * along;
    const mid = shape.mouthV - corner;
    const innerTop = mid - 0.12 * height * curve;
    const innerBottom = mid + 0.88 * height * curve;
    const cupid = 1 + 0.28 * Math.exp(-(((Math.abs(along) - 0.24) / 0.16) ** 2)) - 0.12;
    const lipTop = innerTop - lips.upper * curve * cupid;
    const lipBottom = innerBottom + lips.lower * arch ** 0.85;

    const soft = 2.2 * pixel;
    if (Math.abs(along) < 1) {
      const onLips = clamp01(0.5 + (v - lipTop) / soft) * clamp01(0.5 + (lipBottom - v) / soft);
      if (onLips > 0) {
        const isUpper = v < (innerTop + innerBottom) / 2;
        const down = isUpper
          ? (v - lipTop) / (innerTop - lipTop + 1e-6)
          : (v - innerBottom) / (lipBottom - innerBottom + 1e-6);
        const round = isUpper
          ? mix(0.94, 0.68, clamp01(down))
          : mix(1.06, 0.72, clamp01(down) ** 2);
        const streak = 0.95 + 0.08 * noise(u * 95 + 7, v * 12);
        const gloss = isUpper ? 0 : lips.gloss * Math.exp(-(((down - 0.35) / 0.2) ** 2)) * arch;
        const tone = (0.55 + 0.5 * lit) * round * streak;
        blend(
          out,
          lips.colour.map((c) => c * tone + gloss),
          onLips * lips.cover,
        );
      }
      const inside = clamp01(0.5 + (v - innerTop) / soft) * clamp01(0.5 + (innerBottom - v) / soft);
      if (inside > 0 && height > 0.006)
        paintInside(u, v, along, innerTop, innerBottom, inside, out);
    }
    // The line where the lips meet, corners, and the shadow under the lower lip.
    const seam =
      Math.exp(-(((v - innerTop) / 0.011) ** 2)) * smoothstep(1.08, 0.86, Math.abs(along));
    blend(out, [0.24, 0.08, 0.08], 0.72 * seam * (1 - 0.6 * clamp01(height * 14)));
    const cornerDu = (Math.abs(along) - 1.02) / 0.09;
    const cornerDv = (v - mid) / 0.024;
    blend(out, [0.22, 0.09, 0.08], 0.5 * Math.exp(-cornerDu * cornerDu - cornerDv * cornerDv));
    const underDv = (v - lipBottom - 0.035) / 0.03;
    blend(out, look.skin.crease, 0.3 * Math.exp(-underDv * underDv) * arch);
  };
}

/** Inside of the open mouth: dark, upper teeth, tongue. */
function paintInside(u, v, along, top, bottom, cover, out) {
  blend(out, [0.16, 0.045, 0.05], cover);
  const tongueDu = along / 0.7;
  const tongueDv = (v - bottom - 0.005) / 0.07;
  blend(
    out,
    [0.55, 0.22, 0.22],
    cover * 0.8 * Math.exp(-tongueDu * tongueDu - tongueDv * tongueDv),
  );
  const gap = bottom - top;
  const teethBottom = top + Math.min(0.075, gap * 0.5) * (1 - 0.25 * along * along);
  const teeth = smoothstep(teethBottom + 0.008, teethBottom - 0.004, v);
  const between = 0.92 + 0.08 * smoothstep(0.03, 0.2, Math.abs(((u / 0.058 + 64) % 1) - 0.5));
  const tone = between * (1 - 0.45 * along * along) * mix(0.75, 1, smoothstep(top, top + 0.03, v));
  blend(
    out,
    [0.9 * tone, 0.87 * tone, 0.82 * tone],
    cover * teeth * smoothstep(0.95, 0.7, Math.abs(along)),
  );
}
