import type { FaceTrack } from '@avd/domain';
import type { MediaReader } from '@avd/stage-kit';
import { makeMedia } from '@avd/testing';
import type { TrackSpeaking } from '../face-path.js';
import { EXAMPLE_DURATION_SEC, exampleDocument } from '../page/testing/example-document.js';

/**
 * Eight seconds of two coloured squares for faces: the first moves to the right by 10 px a second, the second stands.
 * A third person is only heard.
 */
export const EXAMPLE = {
  width: 320,
  height: 240,
  frameCount: 200,
  durationSec: EXAMPLE_DURATION_SEC,
} as const;
const SQUARES = [
  { colour: '0xd04040', left: 30, top: 80, speedPxPerSec: 10 },
  { colour: '0x4060d0', left: 220, top: 90, speedPxPerSec: 0 },
] as const;
const SIDE_PX = 60;

/** Middle of the square of a track at a time. */
export function exampleCentre(track: 0 | 1, timeSec: number): readonly [x: number, y: number] {
  const { left, top, speedPxPerSec } = SQUARES[track];
  return [left + SIDE_PX / 2 + speedPxPerSec * timeSec, top + SIDE_PX / 2];
}

export function exampleTracks(): FaceTrack[] {
  return ([0, 1] as const).map((trackIndex) => {
    const centres = Array.from({ length: EXAMPLE.frameCount }, (_, frame) =>
      exampleCentre(trackIndex, frame / 25),
    );
    const half = SIDE_PX / 2;
    return {
      trackIndex,
      startFrame: 0,
      endFrame: EXAMPLE.frameCount,
      boxes: centres.flatMap(([x, y]) => [x - half, y - half, x + half, y + half]),
      centreX: centres.map(([x]) => x),
      centreY: centres.map(([, y]) => y),
      halfSize: centres.map(() => half),
    };
  });
}

export function exampleScores(): TrackSpeaking[] {
  return exampleDocument().tracks.map(({ trackIndex, speaker }) => ({
    trackIndex,
    startFrame: 0,
    endFrame: EXAMPLE.frameCount,
    speaking: Array.from({ length: EXAMPLE.frameCount }, (_, frame) =>
      exampleDocument().turns.some(
        (turn) =>
          turn.speaker === speaker && turn.startSec <= frame / 25 && frame / 25 < turn.endSec,
      )
        ? 0.9
        : 0.1,
    ),
  }));
}

/** The pictures and a tone in every turn, without any file. */
export function exampleMedia(): MediaReader {
  const { width, height, frameCount, durationSec } = EXAMPLE;
  return {
    info: {
      video: { width, height, frameCount },
      audio: { sampleCount: durationSec * 16_000 },
      durationSec,
    },
    async *frames({ startFrame, endFrame }, { step = 1 }) {
      const data = new Uint8Array(width * height * 3);
      for (let frameIndex = startFrame; frameIndex < endFrame; frameIndex++) {
        if (frameIndex % step !== 0) continue;
        data.fill(96);
        for (const [track, { colour }] of SQUARES.entries()) {
          const [x, y] = exampleCentre(track as 0 | 1, frameIndex / 25);
          paintSquare(data, Math.round(x), y, Number(colour));
        }
        yield { frameIndex, width, height, data };
      }
    },
    async samples(startSample, endSample) {
      const { turns } = exampleDocument();
      return Int16Array.from({ length: endSample - startSample }, (_, i) => {
        const timeSec = (startSample + i) / 16_000;
        const isSpeech = turns.some((turn) => turn.startSec <= timeSec && timeSec < turn.endSec);
        return isSpeech ? 8000 * Math.sin(2 * Math.PI * 300 * timeSec) : 0;
      });
    },
  };
}

function paintSquare(data: Uint8Array, centreX: number, centreY: number, rgb: number): void {
  for (let y = centreY - SIDE_PX / 2; y < centreY + SIDE_PX / 2; y++) {
    for (let x = centreX - SIDE_PX / 2; x < centreX + SIDE_PX / 2; x++) {
      const at = 3 * (y * EXAMPLE.width + x);
      data[at] = rgb & 255;
      data[at + 1] = (rgb >> 8) & 255;
      data[at + 2] = rgb >> 16;
    }
  }
}

/** The same as a file a browser can play (H.264, AAC). */
export async function writeExampleVideo(file: string): Promise<void> {
  const { width, height, durationSec } = EXAMPLE;
  const inputs = SQUARES.flatMap(({ colour }) => [
    ...['-f', 'lavfi', '-i', `color=c=${colour}:s=${SIDE_PX}x${SIDE_PX}:r=25:d=${durationSec}`],
  ]);
  const [first, second] = SQUARES;
  const place = ({ left, top, speedPxPerSec }: (typeof SQUARES)[number]): string =>
    `overlay=x='${left}+${speedPxPerSec}*t':y=${top}`;
  await makeMedia([
    ...['-f', 'lavfi', '-i', `color=c=0x606060:s=${width}x${height}:r=25:d=${durationSec}`],
    ...inputs,
    ...['-f', 'lavfi', '-i', `sine=f=300:d=${durationSec}`],
    ...['-filter_complex', `[0][1]${place(first)}[a];[a][2]${place(second)}[v]`],
    ...['-map', '[v]', '-map', '3', '-c:v', 'libx264', '-preset', 'veryfast', '-g', '50'],
    ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-movflags', '+faststart', file],
  ]);
}
