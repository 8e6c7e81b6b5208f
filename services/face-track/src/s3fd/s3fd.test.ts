import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { suppressOverlaps } from '@avd/vision';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeS3fdBoxes, detectS3fd } from './detect.js';
import type { S3fdBox } from './detect.js';
import { s3fdFaces } from './pixel-faces.js';
import { s3fdMapSides, s3fdPriors } from './priors.js';

const floats = (golden: GoldenCase, name: string): Float32Array =>
  golden.array(name).data as Float32Array;

/** Second column of (places, 2). */
function faceScores(conf: Float32Array): Float32Array {
  return conf.filter((_, i) => i % 2 === 1);
}

/** Rows (score, left, top, right, bottom) of the face class; the rows of class 0 come first. */
function rowsOfFaces(out: Float32Array): number[][] {
  const rows: number[][] = [];
  for (let i = out.length / 2; i < out.length; i += 5) rows.push([...out.subarray(i, i + 5)]);
  return rows;
}

describe.skipIf(!hasShared)('S3FD post-processing', () => {
  it.each([
    ['forward_144x256', 256, 144],
    ['forward_126x224', 224, 126],
    ['forward_101x173_odd', 173, 101],
  ])('has the prior boxes of the reference for %s', (name, width, height) => {
    const expected = new GoldenCase(`networks/s3fd/${name}`).array('priors');
    const excess = excessOverTolerance(
      s3fdPriors(width, height),
      expected.data as Float32Array,
      expected.tolerance,
    );
    expect(excess).toBeLessThanOrEqual(0);
  });

  it('decodes boxes as the reference does', () => {
    const golden = new GoldenCase('networks/s3fd/detect_synthetic');
    const expected = golden.array('decoded');
    const boxes = decodeS3fdBoxes(floats(golden, 'loc'), floats(golden, 'priors'));
    const excess = excessOverTolerance(boxes, floats(golden, 'decoded'), expected.tolerance);
    expect(excess).toBeLessThanOrEqual(0);
  });

  it('keeps the boxes of the reference in its order', () => {
    const golden = new GoldenCase('networks/s3fd/detect_synthetic');
    const scores = faceScores(floats(golden, 'conf'));
    const boxes = detectS3fd(floats(golden, 'loc'), scores, floats(golden, 'priors'));
    expect(boxes.map(({ placeIndex }) => placeIndex)).toEqual([
      ...(golden.array('kept_prior_index').data as Int32Array),
    ]);
    expectRows(boxes, rowsOfFaces(floats(golden, 'out')).slice(0, boxes.length), 2e-6);
  });

  it('looks at 5000 candidates and keeps 750 at most', () => {
    const golden = new GoldenCase('networks/s3fd/detect_limits');
    const scores = faceScores(floats(golden, 'conf'));
    const boxes = detectS3fd(floats(golden, 'loc'), scores, floats(golden, 'priors'));
    expect(boxes).toHaveLength(750);
    expectRows(boxes, rowsOfFaces(floats(golden, 'out')), 2e-6);
  });

  it('makes faces in pixels of the frame', () => {
    const golden = new GoldenCase('networks/s3fd/detect_faces');
    const boxes = rowsOfFaces(floats(golden, 'net_output')).map(
      ([score = 0, left = 0, top = 0, right = 0, bottom = 0], placeIndex): S3fdBox => ({
        ...{ left, top, right, bottom, score, placeIndex },
      }),
    );
    const faces = s3fdFaces(boxes, { width: 1280, height: 720 }, 0.9);
    const expected = golden.array('bboxes');
    const actual = faces.flatMap(({ box, score }) => [
      ...[box.left, box.top, box.right, box.bottom, score],
    ]);
    const excess = excessOverTolerance(actual, expected.data as Float64Array, expected.tolerance);
    expect(excess).toBeLessThanOrEqual(0);
  });

  it.each([0.1, 0.3, 0.5])('suppresses overlaps above %d as the reference does', (maxIou) => {
    const golden = new GoldenCase('networks/s3fd/nms_');
    const dets = golden.array('dets').data as Float64Array;
    const items = Array.from({ length: dets.length / 5 }, (_, row) => {
      const [left = 0, top = 0, right = 0, bottom = 0, score = 0] = dets.subarray(row * 5);
      return { box: { left, top, right, bottom }, score, row };
    });
    const kept = suppressOverlaps(items, maxIou).map(({ row }) => row);
    expect(kept).toEqual([...(golden.array(`keep_${maxIou}`).data as Int32Array)]);
  });
});

describe('S3FD maps', () => {
  it('have the sizes that the layers give', () => {
    expect(s3fdMapSides(448)).toEqual([112, 56, 28, 14, 7, 4]);
    expect(s3fdMapSides(252)).toEqual([63, 32, 16, 8, 4, 2]);
    expect(s3fdMapSides(28)).toEqual([7, 4, 2, 1, 1, 1]);
  });

  it('refuse outputs of a picture of another size', () => {
    const places = s3fdPriors(64, 64).length / 4;
    expect(() => detectS3fd(new Float32Array(4), new Float32Array(1), s3fdPriors(64, 64))).toThrow(
      `4 offsets and ${places * 4} prior values for 1 scores`,
    );
  });
});

describe('detectS3fd', () => {
  it('keeps boxes which overlap by 0.3 at most, best first, and always the best', () => {
    const priors = s3fdPriors(32, 32);
    const places = priors.length / 4;
    const values = (length: number, max: number) =>
      fc.array(fc.float({ min: 0, max, noNaN: true }), { minLength: length, maxLength: length });
    fc.assert(
      fc.property(values(places * 4, 3), values(places, 1), (loc, probabilities) => {
        const scores = Float32Array.from(probabilities);
        const boxes = detectS3fd(Float32Array.from(loc), scores, priors);
        const best = Math.max(...scores);
        if (best > 0.05 + 1e-6) expect(boxes[0]!.score).toBe(best);
        const asItems = boxes.map((box) => ({ box, score: box.score }));
        expect(suppressOverlaps(asItems, 0.3001)).toEqual(asItems);
      }),
    );
  });
});

function expectRows(boxes: readonly S3fdBox[], rows: readonly number[][], tolerance: number): void {
  expect(rows).toHaveLength(boxes.length);
  const actual = boxes.flatMap((box) => [box.score, box.left, box.top, box.right, box.bottom]);
  const excess = excessOverTolerance(actual, rows.flat(), { abs: tolerance, rel: 0 });
  expect(excess).toBeLessThanOrEqual(0);
}
