/** Videos of any length for measurements, made from the sample. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runMeasured } from './process-tree.mjs';

const SAMPLE = fileURLToPath(new URL('../sample/sample.mp4', import.meta.url));
/** The sample's close-up of one speaker. */
const SHOT = { startSec: 28.2, lengthSec: 4.4 };

/** One talking face at 1280x720, to be repeated. @returns the file, made in `workDir` */
export async function cutOneFace(workDir) {
  const file = path.join(workDir, 'one-face.mp4');
  const span = ['-ss', String(SHOT.startSec), '-i', SAMPLE, '-t', String(SHOT.lengthSec)];
  await runMeasured('ffmpeg', ['-v', 'error', ...span, file]);
  return file;
}

/** The source over and over again, without encoding it anew. */
export async function repeatVideo(source, lengthSec, file) {
  const input = ['-stream_loop', '-1', '-i', source];
  await runMeasured('ffmpeg', [
    '-v',
    'error',
    ...input,
    '-t',
    String(lengthSec),
    '-c',
    'copy',
    file,
  ]);
}
