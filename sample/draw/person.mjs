/** One person from the chest up: hair, neck, clothes, ears and face, painted back to front. */
import { createFaceShader } from './face.mjs';
import { createHair } from './hair.mjs';
import { clamp01, mix, noise, paint, smoothstep } from './raster.mjs';

/**
 * @param place centre of the head in pixels (x, y) and `scale`, pixels per face unit (half a head's height)
 * @param pose see face.mjs; also headU, headV (shift in face units) and roll (radians)
 */
export function paintPerson(image, look, place, pose, light) {
  const { scale } = place;
  const pixel = 1 / scale;
  const hair = createHair(look, light, pixel);
  const headX = place.x + pose.headU * scale;
  const headY = place.y + pose.headV * scale;
  const cos = Math.cos(pose.roll);
  const sin = Math.sin(pose.roll);

  const paintHead = (extent, shade) => {
    // The neck is the hinge: the head rolls about a point below the chin.
    const hinge = 1.1 * scale;
    const reach = 0.1 * scale;
    paint(
      image,
      headX - extent.u * scale - reach,
      headY + extent.top * scale - reach,
      headX + extent.u * scale + reach,
      headY + extent.bottom * scale + reach,
      (x, y, out) => {
        const dx = x - headX;
        const dy = y - headY - hinge;
        shade((dx * cos + dy * sin) / scale, (dy * cos - dx * sin + hinge) / scale, out);
      },
    );
  };

  paintHead(hair.extent, hair.back);
  paintBody(image, look, place, pose, light, headX);
  const ears = createEars(look, light, pixel);
  paintHead({ u: look.shape.halfWidth + 0.25, top: -0.4, bottom: 0.6 }, ears);
  const face = createFaceShader(look, pose, light, pixel);
  paintHead({ u: look.shape.halfWidth + 0.1, top: -1.05, bottom: 1.3 }, face);
  paintHead(hair.extent, hair.front);
}

function paintBody(image, look, place, pose, light, headX) {
  const { x: centreX, y: centreY, scale } = place;
  const { neckHalfWidth, shoulderHalfWidth } = look.shape;
  const { clothes, skin } = look;
  const pixel = 1 / scale;
  const lean = (headX - centreX) / scale;
  const breath = pose.breath * 0.012;

  const shadeNeck = (u, v, out) => {
    const half = neckHalfWidth * (1 + 0.25 * smoothstep(0.95, 1.5, v));
    const off = (u - lean * smoothstep(1.6, 0.8, v)) / half;
    out[3] = clamp01(0.5 - ((Math.abs(off) - 1) * half) / (2 * pixel));
    if (out[3] <= 0) return;
    const lit = clamp01(0.62 - 0.45 * off * -Math.sign(light.key[0]) - 0.5 * off * off * 0.5);
    const chinShadow = mix(0.5, 1, smoothstep(1.02, 1.34, v - 0.12 * off * off));
    const cord = 1 - 0.08 * Math.exp(-(((Math.abs(off) - 0.35 + 0.2 * (v - 1)) / 0.12) ** 2));
    for (let c = 0; c < 3; c++) {
      const deep = mix(skin.shade[c], 1, lit * chinShadow);
      const lightHere = light.ambientColour[c] + light.keyColour[c] * lit;
      out[c] = skin.colour[c] * lightHere * chinShadow * cord * deep;
    }
  };

  const shadeClothes = (u, v, out) => {
    // The shoulder line falls away from the neck; the collar opens in a V (or a round neck).
    const side = Math.abs(u) / shoulderHalfWidth;
    const slope = 1.34 - breath + 0.28 * side ** 1.6 + 5 * Math.max(0, side - 0.84) ** 1.9;
    const collarDepth = clothes.collar - breath;
    const opening = Math.max(0, 1 - Math.abs(u) / clothes.collarHalfWidth);
    const collar = opening > 0 ? mix(1.3, collarDepth, opening ** clothes.collarPower) : 0;
    const line = Math.max(slope, collar);
    out[3] = clamp01(0.5 + (v - line) / (2.5 * pixel));
    if (out[3] <= 0) return;
    const roundness = 1 - 0.4 * side * side;
    const lit =
      clamp01(0.62 - 0.3 * (u / shoulderHalfWidth) * -Math.sign(light.key[0])) * roundness;
    const fold = 0.9 + 0.2 * noise(u * 2.6 + v * 1.1 + 5, v * 0.9 + u * 0.6);
    const weave = 0.97 + 0.06 * noise(u * 70, v * 70);
    const seam = opening > 0 ? mix(0.72, 1, smoothstep(0, 0.07, v - line)) : 1;
    const headShadow = mix(0.72, 1, smoothstep(0, 0.5, Math.hypot(u * 0.7, v - 1.3)));
    const stripes = clothes.stripes * smoothstep(0.2, 0.5, Math.abs((((v + 9) * 6) % 1) - 0.5));
    for (let c = 0; c < 3; c++) {
      const cloth = mix(clothes.colour[c], clothes.stripeColour[c], stripes);
      const lightHere = light.ambientColour[c] + light.keyColour[c] * lit;
      out[c] = cloth * lightHere * fold * weave * seam * headShadow;
    }
  };

  const toUnits = (shade) => (x, y, out) =>
    shade((x - centreX) / scale, (y - centreY) / scale, out);
  const neckLeft = centreX - (neckHalfWidth * 1.5 + 0.2) * scale;
  const neckRight = centreX + (neckHalfWidth * 1.5 + 0.2) * scale;
  paint(image, neckLeft, centreY + 0.5 * scale, neckRight, centreY + 2 * scale, toUnits(shadeNeck));
  const left = centreX - shoulderHalfWidth * 2.2 * scale;
  const right = centreX + shoulderHalfWidth * 2.2 * scale;
  paint(image, left, centreY + 1.2 * scale, right, image.height, toUnits(shadeClothes));
}

function createEars(look, light, pixel) {
  const { shape, skin } = look;
  return (u, v, out) => {
    const du = (Math.abs(u) - shape.halfWidth * 1.0) / 0.085;
    const dv = (v - 0.12) / 0.2;
    const radius = Math.hypot(du - dv * 0.12, dv);
    out[3] = look.showEars ? clamp01(0.5 - ((radius - 1) * 0.085) / (2 * pixel)) : 0;
    if (out[3] <= 0) return;
    const inner = 1 - 0.35 * Math.exp(-(((radius - 0.45) / 0.22) ** 2));
    const lit = u * light.key[0] > 0 ? 0.75 : 0.35;
    for (let c = 0; c < 3; c++) {
      const lightHere = light.ambientColour[c] + light.keyColour[c] * lit;
      out[c] = skin.colour[c] * lightHere * inner * mix(skin.shade[c], 1, lit);
    }
  };
}
