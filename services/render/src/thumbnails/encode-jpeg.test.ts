import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTool } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeJpeg } from './encode-jpeg.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-jpeg-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function colourful(width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const waves = [Math.sin(x / 5), Math.cos(y / 7), Math.sin((x + y) / 9)];
    return Math.round(127.5 + 120 * waves[i % 3]!);
  });
}

async function decode(jpeg: Uint8Array): Promise<Uint8Array> {
  const [from, to] = [path.join(dir, 'a.jpg'), path.join(dir, 'a.bgr')];
  await writeFile(from, jpeg);
  const { exitCode, stderr } = await runTool('ffmpeg', [
    ...['-v', 'error', '-y', '-i', from, '-pix_fmt', 'bgr24', '-f', 'rawvideo', to],
  ]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return readFile(to);
}

describe('encodeJpeg', () => {
  it.each([
    [64, 64],
    [50, 37],
    [8, 1],
  ])('is decoded to nearly the same picture at %i x %i', async (width, height) => {
    const data = colourful(width, height);
    const decoded = await decode(encodeJpeg({ width, height, data }, 90));
    expect(decoded).toHaveLength(data.length);
    const mse = data.reduce((sum, value, i) => sum + (value - decoded[i]!) ** 2, 0) / data.length;
    expect(10 * Math.log10(255 ** 2 / mse)).toBeGreaterThan(34);
  });

  it('is smaller at a lower quality', () => {
    const image = { width: 64, height: 64, data: colourful(64, 64) };
    expect(encodeJpeg(image, 40).length).toBeLessThan(encodeJpeg(image, 90).length);
  });

  it('survives noise and extreme values', async () => {
    let state = 1;
    const data = Uint8Array.from({ length: 32 * 32 * 3 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 2 === 0 ? 0 : 255;
    });
    expect(await decode(encodeJpeg({ width: 32, height: 32, data }, 95))).toHaveLength(3072);
  });
});
