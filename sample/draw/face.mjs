/**
 * A drawn face seen from the front. Lengths are in face units: 1 = half the height of the head; u to the right,
 * v down, eyes near v = 0, chin at v = 1. A head is lit as an egg whose surface is pushed in and out by soft bumps
 * (nose, brow, cheeks, lips); eyes, brows, lips and the open mouth are then painted on it.
 */
import { createBrows, createEyes, createGlasses } from './eyes.mjs';
import { createMouth } from './mouth.mjs';
import { blend, clamp01, mix, noise, smoothstep } from './raster.mjs';

/** How far the chin drops, in face units, with the mouth fully open. */
const JAW_DROP = 0.15;

/** Bumps of the surface: [u, v, size u, size v, height]; mirrored ones are listed once with `true`. */
function surfaceBumps(shape) {
  const { eyeU, eyeV, browV, noseV, noseWidth, mouthV, mouthWidth, halfWidth } = shape;
  const listed = [
    [0, mix(browV, noseV, 0.5), 0.055 * shape.noseBridge, 0.2, 0.075],
    [0, noseV - 0.05, noseWidth * 0.62, 0.085, 0.1],
    [noseWidth * 0.78, noseV, 0.055, 0.055, 0.035, true],
    [eyeU, browV + 0.02, 0.17, 0.06, 0.032, true],
    [eyeU * 0.62, eyeV - 0.02, 0.08, 0.08, -0.045, true],
    [eyeU, eyeV + 0.02, 0.15, 0.1, -0.03, true],
    [halfWidth * 0.6, 0.28, 0.19, 0.17, 0.05 * shape.cheeks, true],
    [0.0, mouthV - 0.14, 0.03, 0.05, -0.012],
    [0, mouthV, mouthWidth * 1.05, 0.16, 0.035],
    [0, mouthV + 0.175, 0.16, 0.05, -0.03],
    [0, 0.9, 0.17, 0.11, 0.045 * shape.chin],
    [mouthWidth * 1.25, mouthV - 0.04, 0.05, 0.14, -0.014, true],
    [0.2, -0.48, 0.25, 0.16, 0.02, true],
  ];
  return listed.flatMap(([u, v, sizeU, sizeV, height, mirrored]) =>
    (mirrored ? [u, -u] : [u]).map((centreU) => ({ u: centreU, v, sizeU, sizeV, height })),
  );
}

/**
 * Makes the painter of one face for one frame.
 * @param look shape and colours of the person (cast.mjs)
 * @param pose yaw, pitch (parallax, -0.2..0.2), mouthOpen 0..1, mouthWide -1..1, eyeOpen 0..1, browRaise, gazeU, gazeV
 * @param light key direction (unit vector towards the light), keyColour, ambientColour
 * @param pixel size of one pixel in face units
 * @returns shade(u, v, out): colour and cover of the skin at this point
 */
export function createFaceShader(look, pose, light, pixel) {
  const { shape, skin } = look;
  const bumps = surfaceBumps(shape);
  const jaw = JAW_DROP * pose.mouthOpen;
  const eyes = createEyes(look, pose, pixel);
  const brows = createBrows(look, pose);
  const mouth = createMouth(look, pose, pixel);
  const glasses = look.glasses ? createGlasses(look, pixel) : undefined;
  const { key, keyColour, ambientColour } = light;
  const top = shape.centreV;

  return function shade(u, v, out) {
    const below = v > top;
    const t = below ? (v - top) / (1 + jaw - top) : (v - top) / (1 + top);
    const width = below ? shape.halfWidth * (1 - shape.taper * t * t) : shape.halfWidth;
    const across = u / width;
    const form = across * across + Math.abs(t) ** (below ? shape.jawPower : 2.2);
    const edge = (Math.sqrt(form) - 1) * shape.halfWidth;
    out[3] = clamp01(0.5 - edge / (1.6 * pixel));
    if (out[3] <= 0) return;

    // Points near the front of the head move further when it turns.
    const depth = Math.sqrt(Math.max(0.02, 1 - form));
    const fu = u - pose.yaw * depth;
    const fv = v - pose.pitch * depth;
    const chin = jaw * smoothstep(shape.mouthV, shape.mouthV + 0.24, fv);

    // Normal of the egg, tilted by the slope of the bumps.
    let nx = (across / shape.halfWidth) * 0.62 + pose.yaw * 0.8;
    let ny = t * 0.55 + pose.pitch * 0.8;
    for (const bump of bumps) {
      const du = (fu - bump.u) / bump.sizeU;
      const dv = (fv - chin - bump.v) / bump.sizeV;
      const square = du * du + dv * dv;
      if (square > 9) continue;
      const slope = 2 * bump.height * Math.exp(-square);
      nx += (slope * du) / bump.sizeU;
      ny += (slope * dv) / bump.sizeV;
    }
    const nz = depth;
    const length = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz);
    const facing = (nx * key[0] + ny * key[1] + nz * key[2]) * length;
    const lit = clamp01((facing + 0.3) / 1.3);
    const shine = clamp01((nz * 0.86 - ny * 0.3 - nx * 0.3) * length) ** 24 * skin.shine;

    // Darker where skin meets skin, nose and lip cast a shadow, the hair shades the forehead.
    const away = key[0] < 0 ? 1 : -1;
    const noseDu = (fu - away * 0.05) / (shape.noseWidth * 1.25);
    const noseDv = (fv - shape.noseV - 0.1) / 0.06;
    const noseShadow = 0.28 * Math.exp(-noseDu * noseDu - noseDv * noseDv);
    const sideDu = (fu - away * shape.noseWidth * 0.75) / 0.07;
    const sideDv = (fv - shape.noseV + 0.14) / 0.2;
    const sideShadow = 0.13 * Math.exp(-sideDu * sideDu - sideDv * sideDv);
    const rim = 0.22 * smoothstep(0.5, 1, form);
    const hairShadow =
      skin.hairShadow * smoothstep(shape.hairlineV + 0.2, shape.hairlineV - 0.05, fv);
    const shadow = (1 - noseShadow) * (1 - sideShadow) * (1 - rim) * (1 - hairShadow);

    const blotch = 0.97 + 0.06 * noise(fu * 9 + 40, fv * 9) - 0.03 * noise(fu * 60, fv * 60);
    const blushDu = (Math.abs(fu) - shape.halfWidth * 0.58) / 0.2;
    const blushDv = (fv - 0.32) / 0.17;
    const blush = skin.blush * Math.exp(-blushDu * blushDu - blushDv * blushDv);
    const stubble = look.stubble * beardAt(shape, fu, fv - chin);
    const crease = wrinkles(look, fu, fv);

    for (let channel = 0; channel < 3; channel++) {
      let albedo = skin.colour[channel] * blotch;
      albedo *= 1 - blush * (channel === 0 ? 0.02 : 0.2);
      albedo = mix(albedo, skin.crease[channel], crease);
      albedo = mix(albedo, look.hair.colour[channel] * 0.8, stubble);
      const deep = mix(skin.shade[channel], 1, lit * shadow);
      out[channel] =
        albedo * (ambientColour[channel] * shadow + keyColour[channel] * lit * shadow) * deep +
        shine;
    }
    nostrils(shape, fu, fv, out);
    brows(fu, fv, out);
    eyes(fu, fv, out, lit);
    if (look.beard > 0) paintBeard(look, fu, fv - chin, lit * shadow, out);
    mouth(fu, fv, out, lit);
    glasses?.(fu, fv, out);
  };
}

/** How dark the lines of age are here: forehead, corners of the eyes, from nose to mouth, under the eyes. */
function wrinkles(look, u, v) {
  const { shape, age } = look;
  const side = Math.abs(u);
  const foldU = shape.noseWidth + 0.05 + 0.42 * (v - shape.noseV);
  const foldReach =
    smoothstep(shape.noseV - 0.08, shape.noseV + 0.04, v) * smoothstep(0.78, 0.6, v);
  const fold = Math.exp(-(((side - foldU) / 0.022) ** 2)) * foldReach;
  let dark = (0.13 + 0.4 * age) * fold;
  if (age > 0) {
    const wave = 0.012 * Math.sin(u * 7) + 0.01 * noise(u * 5, 3);
    const line = Math.exp(-((((((v + wave) / 0.085 + 40) % 1) - 0.5) / 0.14) ** 2));
    const forehead = smoothstep(-0.62, -0.5, v) * smoothstep(-0.26, -0.32, v);
    dark += 0.3 * age * line * forehead * smoothstep(0.5, 0.3, side);
    const outer = side - shape.eyeU - shape.eyeHalfWidth * 1.15;
    const feet = Math.exp(
      -(((((v - shape.eyeV) / (0.04 + 0.35 * outer) + 20) % 1) - 0.5) ** 2) / 0.03,
    );
    dark +=
      0.3 *
      age *
      feet *
      smoothstep(0, 0.03, outer) *
      smoothstep(0.13, 0.06, outer) *
      smoothstep(0.12, 0.05, Math.abs(v - shape.eyeV));
    const bagV = shape.eyeV + 0.125 - 1.6 * (side - shape.eyeU) ** 2;
    dark +=
      0.42 *
      age *
      Math.exp(-(((v - bagV) / 0.018) ** 2)) *
      smoothstep(0.17, 0.1, Math.abs(side - shape.eyeU));
  }
  return clamp01(dark);
}

function paintBeard(look, u, v, lit, out) {
  const thick = beardAt(look.shape, u, v);
  const strand = noise(u * 60 + 12 * v, v * 22 + 30) * 0.6 + noise(u * 130, v * 60) * 0.4;
  const tone = (0.42 + 0.5 * lit) * (0.6 + 0.75 * strand);
  blend(
    out,
    look.beardColour.map((c) => c * tone),
    look.beard * smoothstep(0.25, 0.62, thick + 0.3 * (strand - 0.5)),
  );
}

/** Where a beard grows, 0..1: jaw, chin and moustache. */
function beardAt(shape, u, v) {
  const jawLine = smoothstep(0.34, 0.6, v + 0.62 * Math.abs(u) - 0.16);
  const du = u / (shape.mouthWidth * 1.1);
  const dv = (v - shape.mouthV + 0.115) / 0.05;
  const moustache = Math.exp(-du * du * du * du - dv * dv);
  const lipDu = u / (shape.mouthWidth * 1.12);
  const lipDv = (v - shape.mouthV - 0.025) / 0.1;
  const bare = smoothstep(0.75, 1.15, lipDu * lipDu + lipDv * lipDv);
  return Math.max(jawLine * bare, moustache) * (0.6 + 0.4 * noise(u * 90, v * 90));
}

function nostrils(shape, u, v, out) {
  const du = (Math.abs(u) - shape.noseWidth * 0.48) / 0.042;
  const dv = (v - shape.noseV - 0.045 + 0.1 * Math.abs(u)) / 0.021;
  const wingDu = (Math.abs(u) - shape.noseWidth * 1.08) / 0.02;
  const wingDv = (v - shape.noseV - 0.005) / 0.06;
  const dark =
    0.72 * Math.exp(-(du * du) - dv * dv) + 0.26 * Math.exp(-(wingDu * wingDu) - wingDv * wingDv);
  blend(out, [0.19, 0.08, 0.06], clamp01(dark));
}
