import { describe, expect, it } from 'vitest';
import { exampleDocument } from '../page/testing/example-document.js';
import { exampleCentre, exampleScores, exampleTracks } from '../testing/example-conversation.js';
import { createAnnotator, type AnnotatedFormat } from './annotator.js';
import { fillRect, type YuvPicture } from './yuv-drawing.js';

const format: AnnotatedFormat = { width: 320, height: 240, matrix: 'bt601', scale: 1 };
const input = { diarization: exampleDocument(), tracks: exampleTracks(), scores: exampleScores() };
const GREY = 96;

function grey(width = 320, height = 240): YuvPicture {
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  data.fill(GREY, 0, width * height);
  return { width, height, data };
}

function drawnAt(timeSec: number, parts: Partial<typeof input> = {}, shape = format): YuvPicture {
  const picture = grey(shape.width, shape.height);
  createAnnotator({ ...input, ...parts }, shape)(picture, timeSec);
  return picture;
}

/** V minus U at a pixel: high for red, low for green. */
function redness({ width, height, data }: YuvPicture, x: number, y: number): number {
  const at = width * height + (y >> 1) * (width >> 1) + (x >> 1);
  return data[at + (width * height) / 4]! - data[at]!;
}

describe('createAnnotator', () => {
  it('draws the box of who speaks green and that of who does not red', () => {
    const picture = drawnAt(1);
    const [ann, ben] = [exampleCentre(0, 1), exampleCentre(1, 1)];
    expect(redness(picture, ann[0] - 30, ann[1])).toBeLessThan(0);
    expect(redness(picture, ben[0] - 30, ben[1])).toBeGreaterThan(80);
  });

  it('puts the box around the face at every moment, also between frames of the grid', () => {
    for (const timeSec of [0, 1.01, 3.37, 7.9]) {
      const picture = drawnAt(timeSec);
      const [x, y] = exampleCentre(0, timeSec);
      const row = picture.data.subarray(y * 320, y * 320 + 320);
      const inside = row.subarray(Math.round(x) - 24, Math.round(x) + 24);
      expect(new Set(inside)).toEqual(new Set([GREY]));
      // Boxes lie on even pixels.
      for (const edge of [Math.round(x) - 30, Math.round(x) + 29]) {
        const near = row.subarray(edge - 1, edge + 2);
        expect(near.some((value) => value !== GREY)).toBe(true);
      }
    }
  });

  it('names who is heard and not seen, above the timeline', () => {
    const voiceTime = 7;
    const corner = (timeSec: number, parts: Partial<typeof input>) =>
      drawnAt(timeSec, parts).data.subarray(320 * 190, 320 * 220);
    const isNamed = (timeSec: number, parts: Partial<typeof input> = {}) => {
      const rows = corner(timeSec, parts);
      return Array.from({ length: 20 }, (_, y) => rows[y * 320 + 4]).some((v) => v !== GREY);
    };
    expect(isNamed(voiceTime)).toBe(true);
    expect(isNamed(5.5)).toBe(false);
    expect(isNamed(1)).toBe(false);
    expect(isNamed(1, { tracks: [] })).toBe(true);
  });

  it('scales boxes with the picture', () => {
    const picture = drawnAt(1, {}, { ...format, width: 640, height: 480, scale: 2 });
    const [x, y] = exampleCentre(1, 1);
    expect(redness(picture, 2 * (x - 30) + 1, 2 * y)).toBeGreaterThan(80);
  });

  it('moves the cursor of the timeline from the left to the right', () => {
    const cursorAt = (timeSec: number): number => {
      const row = drawnAt(timeSec).data.subarray(239 * 320, 240 * 320);
      return row.indexOf(235);
    };
    expect(cursorAt(0)).toBeLessThan(8);
    expect(Math.abs(cursorAt(4) - 160)).toBeLessThanOrEqual(2);
    expect(cursorAt(8)).toBeGreaterThan(310);
  });

  it('leaves the picture above the timeline alone where nobody is seen or heard', () => {
    const { data } = drawnAt(5.5, { tracks: [] });
    expect(data.subarray(0, 320 * 180).every((value) => value === GREY)).toBe(true);
    expect(data.subarray(320 * 200, 320 * 240).every((value) => value === GREY)).toBe(false);
  });

  it('draws nothing at all for nobody', () => {
    const diarization = { ...exampleDocument(), turns: [], speakers: [] };
    expect(drawnAt(1, { tracks: [], diarization }).data).toEqual(grey().data);
  });

  it('survives faces that reach out of the picture, however far', () => {
    const [track] = exampleTracks();
    for (const away of [-500, -20, 310, 900]) {
      const centre = track!.centreX.map(() => away);
      const tracks = [{ ...track!, centreX: centre, centreY: centre }];
      expect(drawnAt(1, { tracks }).data).toHaveLength(115_200);
    }
  });

  it('keeps the timeline low for many speakers and a long recording', () => {
    const labels = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const diarization = {
      ...exampleDocument(),
      durationSec: 7200,
      speakers: labels.map((label) => ({ label, trackIndexes: [], talkTimeSec: 1, turnCount: 1 })),
      turns: Array.from({ length: 6000 }, (_, i) => ({
        startSec: 1.2 * i,
        endSec: 1.2 * i + 1,
        speaker: labels[i % 40]!,
        confidence: 1,
        evidence: {},
      })),
    };
    const shape = { ...format, width: 1280, height: 720 };
    const { data } = drawnAt(10, { tracks: [], diarization }, shape);
    const touched = data.subarray(0, 1280 * 720).findIndex((value) => value !== GREY);
    expect(touched / 1280).toBeGreaterThan(0.8 * 720);
  });

  it('takes less than two milliseconds for a picture of 1280 x 720', () => {
    const shape = { ...format, width: 1280, height: 720, scale: 4 };
    const picture = grey(1280, 720);
    const draw = createAnnotator(input, shape);
    const cpuMs = (count: number): number => {
      const before = process.cpuUsage();
      for (let i = 0; i < count; i++) draw(picture, (i % 200) / 25);
      return process.cpuUsage(before).user / 1000 / count;
    };
    cpuMs(100);
    expect(cpuMs(300)).toBeLessThan(2);
  });
});

describe('fillRect', () => {
  it('mixes brightness and colour over the same even pixels', () => {
    const picture = grey(8, 8);
    fillRect(picture, 3, 3, 5, 3, [200, 60, 180], 128);
    const rows = (from: number, stride: number, count: number) =>
      Array.from({ length: count }, (_, y) => [
        ...picture.data.subarray(from + y * stride, from + (y + 1) * stride),
      ]);
    const mixed = (GREY + 200) / 2;
    expect(rows(0, 8, 8)[2]).toEqual([GREY, GREY, mixed, mixed, mixed, mixed, GREY, GREY]);
    expect(rows(0, 8, 8)[4]).toEqual(Array(8).fill(GREY));
    expect(rows(64, 4, 4)[1]).toEqual([128, 94, 94, 128]);
    expect(rows(80, 4, 4)[1]).toEqual([128, 154, 154, 128]);
  });

  it('cuts what lies outside', () => {
    const picture = grey(8, 8);
    fillRect(picture, -100, 6, 1000, 1000, [16, 128, 128]);
    expect([...picture.data.subarray(48, 64)]).toEqual(Array(16).fill(16));
    expect([...picture.data.subarray(0, 48)]).toEqual(Array(48).fill(GREY));
  });
});
