/** Eyes, brows and spectacles of a drawn face; units as in face.mjs. Each maker returns paint(u, v, out, lit). */
import { blend, clamp01, mix, noise, smoothstep } from './raster.mjs';

export function createBrows(look, pose) {
  const { shape } = look;
  const colour = look.hair.browColour ?? look.hair.colour;
  return (u, v, out) => {
    const along = (Math.abs(u) - shape.eyeU * 0.42) / (shape.eyeU * 1.25);
    if (along < -0.1 || along > 1.1) return;
    const centre =
      shape.browV - 0.05 * pose.browRaise - shape.browArch * Math.sin(clamp01(along) * 2.2) + 0.02;
    const thick = shape.browThick * mix(1, 0.3, clamp01(along));
    const off = Math.abs(v - centre) / thick;
    const hairs = 0.7 + 0.5 * noise(along * 34 + v * 40, v * 26 + 90);
    const ends = smoothstep(-0.06, 0.06, along) * smoothstep(1.06, 0.8, along);
    blend(out, colour, clamp01(smoothstep(1.2, 0.35, off) * ends * hairs) * 0.92);
  };
}

export function createEyes(look, pose, pixel) {
  const { shape } = look;
  const { eyeU, eyeV, eyeHalfWidth: half, eyeHeight } = shape;
  const irisRadius = half * 0.46;
  return (u, v, out, lit) => {
    const side = u < 0 ? -1 : 1;
    const du = (u * side - eyeU) / half;
    if (du < -1.4 || du > 1.45 || Math.abs(v - eyeV) > 0.24) return;
    const centre = eyeV - 0.016 * du;
    const arch = Math.max(0, 1 - du * du);
    const rise = arch ** 0.75;
    const upper = centre - eyeHeight * rise * (pose.eyeOpen * 1.28 - 0.28);
    const lower = centre + eyeHeight * 0.5 * arch;

    // Lid crease above, soft pocket below.
    const crease = centre - eyeHeight * 1.5 * Math.max(0, 1.1 - du * du) ** 0.8 - 0.012;
    const inWidth = smoothstep(1.15, 0.8, Math.abs(du));
    blend(out, look.skin.crease, 0.5 * inWidth * Math.exp(-(((v - crease) / 0.013) ** 2)));
    blend(out, look.skin.crease, 0.22 * inWidth * Math.exp(-(((v - lower - 0.05) / 0.022) ** 2)));
    if (look.eyeShadow > 0 && v < upper) {
      const fade = smoothstep(crease - 0.03, upper, v);
      blend(out, look.eyeShadowColour, look.eyeShadow * fade * inWidth);
    }

    const soft = 1.2 * pixel;
    const open =
      Math.abs(du) < 1 ? clamp01(0.5 + (v - upper) / soft) * clamp01(0.5 + (lower - v) / soft) : 0;
    if (open > 0) {
      const shade = mix(0.6, 1, smoothstep(upper - 0.005, upper + 0.045, v)) * (0.7 + 0.3 * lit);
      const round = 1 - 0.28 * du * du;
      blend(out, [0.93 * shade * round, 0.91 * shade * round, 0.89 * shade * round], open);
      const iu = u - side * eyeU - pose.gazeU;
      const iv = v - centre + eyeHeight * 0.2 - pose.gazeV;
      const radius = Math.hypot(iu, iv) / irisRadius;
      if (radius < 1.2) {
        const disc = clamp01(0.5 + ((1 - radius) * irisRadius) / soft) * open;
        const ring = mix(1.15, 0.35, smoothstep(0.62, 1, radius));
        const glow = 1 + 0.35 * smoothstep(-0.2, 0.7, iv / irisRadius);
        const iris = look.iris.map((c) => c * ring * glow * shade);
        blend(out, iris, disc);
        blend(out, [0.02, 0.02, 0.025], open * smoothstep(0.5, 0.4, radius));
        const spark = Math.hypot(iu + 0.022, iv + 0.024) / 0.02;
        blend(out, [1, 1, 1], open * smoothstep(1.15, 0.6, spark));
      }
      blend(out, [0.78, 0.45, 0.42], open * 0.7 * smoothstep(-0.78, -0.98, du));
    }
    // Lashes: a dark line that thickens outwards along the upper lid, a faint one below.
    if (Math.abs(du) < 1.12) {
      const thick = look.lashes * mix(0.008, 0.017, clamp01(du * 0.5 + 0.5));
      const line = Math.exp(-(((v - upper + thick * 0.3) / thick) ** 2));
      blend(out, [0.07, 0.045, 0.04], 0.92 * line * smoothstep(1.1, 0.9, Math.abs(du)));
      const faint = Math.exp(-(((v - lower) / 0.008) ** 2));
      blend(out, [0.25, 0.14, 0.12], 0.4 * faint * smoothstep(1, 0.8, Math.abs(du)));
    }
  };
}

/** Round spectacles: rims, bridge, the arms towards the ears and a faint gleam. */
export function createGlasses(look, pixel) {
  const { shape, glasses } = look;
  return (u, v, out) => {
    const side = Math.abs(u);
    const du = Math.abs(side - shape.eyeU - 0.005) / glasses.halfWidth;
    const dv = Math.abs(v - shape.eyeV - 0.02) / glasses.halfHeight;
    const radius =
      (du ** glasses.squareness + dv ** glasses.squareness) ** (1 / glasses.squareness);
    const rim = Math.abs(radius - 1) * glasses.halfHeight - glasses.thick;
    const bridge = Math.max(
      side - shape.eyeU + glasses.halfWidth,
      Math.abs(v - shape.eyeV + 0.02 - 0.8 * u * u) - glasses.thick * 0.9,
    );
    const arm = Math.max(
      shape.eyeU + glasses.halfWidth - side,
      Math.abs(v - shape.eyeV + 0.03) - glasses.thick,
    );
    const metal = clamp01(0.5 - Math.min(rim, bridge, arm) / (1.6 * pixel));
    if (radius < 1) {
      const gleam = Math.exp(
        -(((u - Math.sign(u) * shape.eyeU + 0.7 * (v - shape.eyeV) + 0.09) / 0.035) ** 2),
      );
      blend(out, [1, 1, 1], 0.05 + 0.1 * gleam);
    }
    blend(out, glasses.colour, metal);
    const under = Math.exp(-(((radius - 1.12) / 0.07) ** 2)) * (v > shape.eyeV ? 0.16 : 0.05);
    blend(out, look.skin.crease, under * (1 - metal));
  };
}
