/**
 * Makes sample.mp4 and its exact reference sample.rttm: `npm run sample`. Everything is drawn and spoken by programs, so
 * nobody's face or voice is in it. Needs ffmpeg and espeak-ng; the same versions of both give the same bytes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { HEIGHT, renderFrames, WIDTH } from './render.mjs';
import { FRAME_RATE, mixToWav, planTimeline, referenceTurns, turnsToRttm } from './timeline.mjs';

const here = import.meta.dirname;

function encoderArguments(wavPath, videoPath) {
  const input = `-f rawvideo -pix_fmt rgb24 -s ${WIDTH}x${HEIGHT} -r ${FRAME_RATE} -i -`.split(' ');
  const video = '-c:v libx264 -preset slow -crf 26 -g 50 -threads 1'.split(' ');
  const colour = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p';
  const tags = '-color_primaries bt709 -color_trc bt709 -colorspace bt709'.split(' ');
  const audio = '-c:a aac -b:a 64k -ar 44100 -ac 1'.split(' ');
  const plain = '-map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact'.split(
    ' ',
  );
  const output = ['-movflags', '+faststart', videoPath];
  return [
    '-y',
    '-v',
    'error',
    ...input,
    '-i',
    wavPath,
    ...video,
    '-vf',
    colour,
    ...tags,
    ...audio,
    ...plain,
    ...output,
  ];
}

async function main() {
  const timeline = planTimeline();
  writeFileSync(
    path.join(here, 'sample.rttm'),
    turnsToRttm(referenceTurns(timeline.lines), 'sample'),
  );
  const workDir = mkdtempSync(path.join(tmpdir(), 'avd-sample-'));
  try {
    const wavPath = path.join(workDir, 'sample.wav');
    writeFileSync(wavPath, mixToWav(timeline));
    const encoder = spawn('ffmpeg', encoderArguments(wavPath, path.join(here, 'sample.mp4')), {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    const closed = once(encoder, 'close');
    for (const { frame, bytes } of renderFrames(timeline)) {
      // The buffer is used again for the next frame, so wait until this one is written.
      await new Promise((resolve, reject) =>
        encoder.stdin.write(bytes, (error) => (error ? reject(error) : resolve())),
      );
      if (frame % 50 === 0) process.stdout.write(`frame ${frame} of ${timeline.frameCount}\n`);
    }
    encoder.stdin.end();
    const [code] = await closed;
    if (code !== 0) throw new Error(`ffmpeg ended with code ${code}`);
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

await main();
