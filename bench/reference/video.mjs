/**
 * The sample with green dots, which the made-up weights take for faces, and magenta ones below them, which they take for
 * lips in step with the sound (see make_weights.py).
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMeasured } from '../process-tree.mjs';

const SAMPLE = fileURLToPath(new URL('../../sample/sample.mp4', import.meta.url));
const DOT_SIDE_PX = 40;
/** A detection looks at 32 px of the picture scaled by 0.35; a dot in the middle of one is seen by this one only. */
const CELL_PX = 32 / 0.35;
const FACE_ROW = 3;
/** The magenta dot stands so much below the green one. */
const MOUTH_BELOW_PX = 100;
const MOUTH_SIDE_PX = 60;
/** Who is in the picture, and speaks: one column of detections for each face. Nobody from 16.16 to 22.76 s. */
const FACES = [
  { column: 4, seen: [0, 8.86], speaks: [0.6, 3.2] },
  { column: 9, seen: [0, 8.86], speaks: [3.8, 8.4] },
  { column: 7, seen: [8.86, 16.14], speaks: [11, 14.2] },
  { column: 6, seen: [22.74, 32.3], speaks: [28.2, 31.8] },
  { column: 2, seen: [32.3, 44], speaks: [32.8, 35.6] },
  { column: 6, seen: [32.3, 44], speaks: [40.4, 42.4] },
  { column: 10, seen: [32.3, 44], speaks: [36, 39.4] },
];

/** @returns the file, made in `workDir` */
export async function makeDottedVideo(workDir, lengthSec) {
  const file = path.join(workDir, 'dotted.mp4');
  const filter = FACES.flatMap(drawFace).join(',');
  const output = ['-t', String(lengthSec), '-vf', filter, '-c:a', 'copy', file];
  await runMeasured('ffmpeg', ['-v', 'error', '-i', SAMPLE, ...output]);
  return file;
}

function drawFace({ column, seen, speaks }) {
  const [x, y] = [column, FACE_ROW].map((cell) => Math.round((cell + 0.5) * CELL_PX));
  return [
    drawDot('lime', DOT_SIDE_PX, x, y, seen),
    drawDot('magenta', MOUTH_SIDE_PX, x, y + MOUTH_BELOW_PX, speaks),
  ];
}

function drawDot(color, sidePx, x, y, [fromSec, toSec]) {
  const place = `x=${x - sidePx / 2}:y=${y - sidePx / 2}:w=${sidePx}:h=${sidePx}`;
  const time = `gte(t\\,${fromSec})*lt(t\\,${toSec})`;
  return `drawbox=${place}:color=${color}:t=fill:enable='${time}'`;
}
