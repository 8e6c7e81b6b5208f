import { runForText, runProcess } from './child-process.js';
import { ffmpegArgs, fileUrl, ONLY_FILES } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import { decodeFailed } from './media-errors.js';
import type { ProbedAudio } from './probe.js';

/**
 * Decodes the first picture to see that it can be done, and how large a player shows it.
 *
 * @throws AvdError media UNSUPPORTED_CODEC, DECODE_FAILED; cancelled
 */
export async function firstPictureSize(
  mediaPath: string,
  streamIndex: number,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<{ readonly width: number; readonly height: number }> {
  // The head of a PGM picture is text: "P5", width, height.
  const args = ffmpegArgs({
    inputPath: mediaPath,
    inputOptions: ['-threads', '1'],
    outputOptions: [
      ...['-map', `0:${streamIndex}`, '-frames:v', '1'],
      ...['-c:v', 'pgm', '-f', 'image2pipe'],
    ],
    output: 'pipe:1',
  });
  let head = '';
  const { stderrTail } = await runProcess(tools.ffmpegPath, args, signal, (bytes) => {
    if (head.length < 32) head += bytes.toString('latin1', 0, 32);
  });
  const match = /^P5\s+(\d+)\s+(\d+)\s/.exec(head);
  if (match === null) throw decodeFailed(mediaPath, 'pictures', stderrTail);
  return { width: Number(match[1]), height: Number(match[2]) };
}

/** More packets than any decoder holds back. */
const DECODER_DELAY_PACKETS = 32;

/**
 * True when the decoder agrees that the first two packets marked as key pictures are such. In a stream that is
 * refreshed a strip at a time it does not, and decoding from there gives other pixels than decoding from the start.
 *
 * @param packetCount packets up to and with the second one that is marked
 */
export async function hasTwoKeyPictures(
  mediaPath: string,
  streamIndex: number,
  packetCount: number,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<boolean> {
  const { text } = await runForText(
    tools.ffprobePath,
    [
      ...['-hide_banner', '-v', 'quiet', ...ONLY_FILES, '-skip_frame', 'nokey'],
      ...['-select_streams', String(streamIndex)],
      ...['-read_intervals', `%+#${packetCount + DECODER_DELAY_PACKETS}`],
      ...['-show_frames', '-show_entries', 'frame=key_frame,pict_type', '-of', 'compact=p=0'],
      fileUrl(mediaPath),
    ],
    signal,
  );
  return (text.match(/^key_frame=1\|pict_type=I/gm) ?? []).length >= 2;
}

/** Packets to look at: the first ones may be damaged or be dropped as encoder delay. */
const PACKETS_TO_TRY = 64;

/**
 * Decodes the first pieces of sound to find when the first sample is presented, encoder delay left out.
 *
 * @returns undefined when the stream is empty
 * @throws AvdError media UNSUPPORTED_CODEC, DECODE_FAILED; cancelled
 */
export async function firstSoundSec(
  mediaPath: string,
  stream: ProbedAudio,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { stderrTail, text } = await runForText(
    tools.ffprobePath,
    [
      ...['-hide_banner', '-v', 'error', ...ONLY_FILES],
      ...['-select_streams', String(stream.streamIndex)],
      ...['-read_intervals', `%+#${PACKETS_TO_TRY}`, '-show_packets', '-show_frames'],
      ...['-show_entries', 'packet=pts:frame=best_effort_timestamp', '-of', 'compact'],
      fileUrl(mediaPath),
    ],
    signal,
  );
  if (!/^packet\|/m.test(text)) return undefined;
  const match = /^frame\|best_effort_timestamp=(-?\d+)/m.exec(text);
  if (match !== null) return (Number(match[1]) * stream.timeBase.num) / stream.timeBase.den;
  // Sound without time stamps starts with the file.
  if (/^frame\|/m.test(text)) return 0;
  throw decodeFailed(mediaPath, 'sounds', stderrTail);
}
