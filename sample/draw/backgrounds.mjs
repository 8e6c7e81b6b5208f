/**
 * The places. Each is painted once; `light` is how it falls on the people there. Out of focus behind people, sharp
 * where nobody is. A place wider than the picture is panned across, one pixel a frame.
 */
import {
  blur,
  createImage,
  createRandom,
  fractalNoise,
  hex,
  mix,
  paint,
  paintAll,
  smoothstep,
} from './raster.mjs';

const unit = (x, y, z) => [x, y, z].map((value) => value / Math.hypot(x, y, z));

function vertical(image, stops) {
  paintAll(image, (x, y, out) => {
    const t = (y / image.height) * (stops.length - 1);
    const index = Math.min(stops.length - 2, Math.floor(t));
    for (let c = 0; c < 3; c++) out[c] = mix(stops[index][c], stops[index + 1][c], t - index);
    out[3] = 1;
  });
}

function box(image, left, top, right, bottom, colour, shade = 0) {
  paint(image, left, top, right, bottom, (x, y, out) => {
    const tone = 1 - shade * ((x - left) / (right - left));
    for (let c = 0; c < 3; c++) out[c] = colour[c] * tone;
    out[3] = 1;
  });
}

function glow(image, x, y, radius, colour, strength) {
  paint(image, x - 2 * radius, y - 2 * radius, x + 2 * radius, y + 2 * radius, (px, py, out) => {
    out[0] = colour[0];
    out[1] = colour[1];
    out[2] = colour[2];
    out[3] = strength * Math.exp(-((px - x) ** 2 + (py - y) ** 2) / (radius * radius));
  });
}

function leaf(image, x, y, length, angle, colour) {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  paint(image, x - length, y - length, x + length, y + length, (px, py, out) => {
    const along = ((px - x) * cos + (py - y) * sin) / length;
    const off = ((py - y) * cos - (px - x) * sin) / length;
    const width = 0.26 * Math.sin(Math.PI * Math.min(1, Math.max(0, along)));
    const tone = 0.8 + 0.3 * along - (off > 0 ? 0.15 : 0);
    for (let c = 0; c < 3; c++) out[c] = colour[c] * tone;
    out[3] = along > 0 && along < 1 && Math.abs(off) < width ? 1 : 0;
  });
}

function plant(image, x, y, size, seed) {
  const random = createRandom(seed);
  for (let i = 0; i < 26; i++) {
    const angle = -Math.PI / 2 + (random() - 0.5) * 2.6;
    const green = [0.14 + 0.16 * random(), 0.36 + 0.22 * random(), 0.16 + 0.1 * random()];
    leaf(image, x + (random() - 0.5) * size * 0.4, y, size * (0.5 + random() * 0.6), angle, green);
  }
}

function studio(image) {
  vertical(image, [hex('#5f7f95'), hex('#7d98a8'), hex('#6a8596')]);
  for (let i = 0; i < 8; i++) box(image, 40 + i * 160, 0, 46 + i * 160, 560, hex('#55758a'));
  box(image, 480, 60, 800, 300, hex('#e9efe9'), 0.1);
  box(image, 496, 76, 784, 284, hex('#a9cfe0'), 0.15);
  glow(image, 650, 300, 90, hex('#7fae6b'), 0.8);
  glow(image, 560, 290, 60, hex('#6f9e5b'), 0.8);
  plant(image, 90, 520, 170, 3);
  plant(image, 1200, 500, 190, 4);
  box(image, 0, 560, image.width, 720, hex('#39454f'));
  blur(image, 7);
}

function rooftop(image) {
  vertical(image, [hex('#8cc4ee'), hex('#c5e3f2'), hex('#f4ecd0'), hex('#b9c08a')]);
  const random = createRandom(11);
  for (let x = -20; x < image.width; x += 70 + random() * 60) {
    const height = 90 + random() * 170;
    const tone = 0.6 + 0.25 * random();
    box(image, x, 470 - height, x + 60 + random() * 60, 480, [tone, tone * 0.93, tone * 0.9], 0.25);
  }
  box(image, 0, 470, image.width, 720, hex('#b98d63'), 0.2);
  for (let i = 0; i < 14; i++) plant(image, i * 100 + random() * 50, 600, 190, 30 + i);
  for (let i = 0; i < 40; i++) {
    glow(image, random() * image.width, 420 + random() * 220, 13, hex('#d8342a'), 0.95);
  }
  blur(image, 10);
  glow(image, 1130, 90, 170, hex('#fff6d8'), 0.75);
}

function hills(image) {
  vertical(image, [hex('#3f6fb5'), hex('#93b9de'), hex('#f3d6b0'), hex('#f0b98a')]);
  paint(image, 0, 0, image.width, 400, (x, y, out) => {
    const cloud = smoothstep(0.5, 0.72, fractalNoise(x / 210, y / 80));
    out[0] = 0.98;
    out[1] = 0.95;
    out[2] = 0.92;
    out[3] = 0.8 * cloud * smoothstep(400, 200, y);
  });
  glow(image, 960, 330, 150, hex('#fff0c2'), 0.9);
  const ridges = [
    [430, 150, 330, '#8d9fc0'],
    [500, 130, 230, '#5f7fa0'],
    [570, 110, 170, '#41706a'],
    [640, 80, 120, '#2f5a35'],
  ];
  ridges.forEach(([base, height, length, colour], index) => {
    const tint = hex(colour);
    paint(image, 0, 250, image.width, image.height, (x, y, out) => {
      const top = base - height * fractalNoise(x / length + index * 37, index * 11);
      const texture = 0.96 + 0.08 * fractalNoise(x / 40, y / 14 + index * 50);
      for (let c = 0; c < 3; c++) out[c] = tint[c] * texture * (1 - 0.2 * smoothstep(top, 720, y));
      out[3] = Math.min(1, Math.max(0, y - top));
    });
  });
}

function library(image) {
  vertical(image, [hex('#7a4a2c'), hex('#8a5632'), hex('#5e3720')]);
  const random = createRandom(5);
  for (let shelf = 0; shelf < 4; shelf++) {
    const bottom = 165 + shelf * 180;
    box(image, 0, bottom, image.width, bottom + 16, hex('#3c2313'));
    for (let x = 10; x < image.width - 40;) {
      const width = 18 + random() * 30;
      const height = 90 + random() * 55;
      const warm = random();
      const colour = [0.35 + 0.45 * warm, 0.2 + 0.3 * random(), 0.15 + 0.2 * random()];
      box(image, x, bottom - height, x + width, bottom, colour, 0.35);
      x += width + 2;
    }
  }
  blur(image, 9);
  glow(image, 1120, 210, 190, hex('#ffd58a'), 0.85);
}

function terrace(image) {
  vertical(image, [hex('#2b2a52'), hex('#6d4a7c'), hex('#c9777a'), hex('#4d3a4f')]);
  const random = createRandom(9);
  for (let i = 0; i < 26; i++) {
    const x = i * 52 + 10;
    glow(image, x, 70 + 60 * Math.sin((Math.PI * (x % 430)) / 430), 11, hex('#ffe2a0'), 1);
  }
  for (let i = 0; i < 12; i++) plant(image, i * 115 + random() * 40, 560, 150, 60 + i);
  box(image, 0, 540, image.width, 720, hex('#3a2c33'));
  blur(image, 8);
}

const daylight = {
  key: unit(-0.5, -0.5, 0.75),
  keyColour: [0.74, 0.72, 0.69],
  ambientColour: [0.4, 0.43, 0.47],
};

/** Places by name: width in pixels, `make(image)`, and the light on people there. */
const places = {
  studio: { width: 1280, make: studio, light: daylight },
  rooftop: {
    width: 1280,
    make: rooftop,
    light: {
      key: unit(0.5, -0.55, 0.7),
      keyColour: [0.86, 0.81, 0.71],
      ambientColour: [0.43, 0.44, 0.44],
    },
  },
  hills: { width: 1500, make: hills, light: daylight },
  library: {
    width: 1280,
    make: library,
    light: {
      key: unit(0.45, -0.4, 0.8),
      keyColour: [0.78, 0.69, 0.58],
      ambientColour: [0.42, 0.38, 0.36],
    },
  },
  terrace: {
    width: 1280,
    make: terrace,
    light: {
      key: unit(-0.4, -0.5, 0.8),
      keyColour: [0.72, 0.64, 0.62],
      ambientColour: [0.42, 0.38, 0.46],
    },
  },
};

/** @returns `{ image, light }` of the named place. */
export function paintBackground(name, height) {
  const { width, make, light } = places[name];
  const image = createImage(width, height);
  make(image);
  return { image, light };
}

/** Copies the part of `background` that starts at column `left` into `target`. */
export function copyWindow(background, left, target) {
  for (let y = 0; y < target.height; y++) {
    const from = (y * background.width + left) * 3;
    target.data.set(background.data.subarray(from, from + target.width * 3), y * target.width * 3);
  }
}
