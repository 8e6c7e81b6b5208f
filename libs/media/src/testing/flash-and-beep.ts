import type { MediaFile } from '../open-media.js';
import { never } from './test-media.js';

const BEEP = 'if(between(t\\,1\\,1.2)\\,0.8*sin(2*PI*1000*t)\\,0)';

/** Moving picture and silence, 3 s; white picture and tone from 1.0 to 1.2 s. Input 0 is picture, 1 is sound. */
export function flashAndBeep(
  options: {
    readonly rate?: string;
    readonly sampleRateHz?: number;
    readonly layout?: string;
  } = {},
): string[] {
  const { rate = '25', sampleRateHz = 44_100, layout = 'mono' } = options;
  const flash = "drawbox=enable='between(t,0.999,1.199)':color=white:t=fill";
  return [
    ...['-f', 'lavfi', '-i', `testsrc2=s=160x90:r=${rate}:d=3,${flash}`],
    ...['-f', 'lavfi', '-i', `aevalsrc=${BEEP}:s=${sampleRateHz}:d=3:c=${layout}`],
  ];
}

/** Seconds at which white pictures begin, by the index of the frame. */
export async function flashStartsSec(media: MediaFile): Promise<number[]> {
  const starts: number[] = [];
  let wasWhite = false;
  const range = { startFrame: 0, endFrame: media.info.video?.frameCount ?? 0 };
  for await (const { frameIndex, data } of media.frames(range, { signal: never })) {
    let isWhite = true;
    for (let i = 0; i < data.length && isWhite; i += 997) isWhite = data[i]! > 200;
    if (isWhite && !wasWhite) starts.push(frameIndex / 25);
    wasWhite = isWhite;
  }
  return starts;
}

/** Seconds at which tones begin, by the index of the sample; pauses under 0.15 s belong to the tone. */
export async function beepStartsSec(media: MediaFile): Promise<number[]> {
  const samples = await media.samples(0, media.info.audio?.sampleCount ?? 0);
  const starts: number[] = [];
  let lastLoud = -Infinity;
  samples.forEach((sample, i) => {
    if (Math.abs(sample) < 3000) return;
    if (i - lastLoud > 2400) starts.push(i / 16_000);
    lastLoud = i;
  });
  return starts;
}
