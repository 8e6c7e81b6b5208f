import { stat } from 'node:fs/promises';
import path from 'node:path';
import { recordingName } from '@avd/domain';
import { findFfmpeg, probeMedia } from '@avd/media';
import { badOption, parseCommandLine } from '../arguments.js';
import type { Content } from '../convert/content.js';
import { chooseFormat, CONVERT_FORMATS } from '../convert/formats.js';
import { lossesOf } from '../convert/losses.js';
import { nameFromFile, readContent } from '../convert/read-content.js';
import { readTextFile, writeTextFile } from '../convert/text-file.js';

const help = `avd convert - write who spoke when in another format

Usage: avd convert INPUT OUTPUT [options]

  INPUT, OUTPUT         files; - is standard input or output
      --from FORMAT     format of INPUT (default: by its ending, .json by its content)
      --to FORMAT       format of OUTPUT (default: by its ending)
      --media FILE      the recording: VIA projects name it (path or web address), and where the file is
                        there, it says how long the recording is
      --recording NAME  which recording, where INPUT holds several (RTTM, CTM, VIA)
  -h, --help

Formats:
${CONVERT_FORMATS.map(({ name, extension, about }) => `  ${name.padEnd(9)} ${extension.padEnd(9)}  ${about}`).join('\n')}

What the new format cannot hold is said on standard error. A .json file to be written is json when it
is called diarization.json and via when it is called result.json or via.json; else say which with --to.

Examples:
  avd convert output/diarization.json talk.vtt                 subtitles for a browser
  avd convert output/result.rttm talk.eaf                      go on in ELAN
  avd convert corrected.TextGrid result.json --media talk.mp4  from Praat to VIA
  avd convert via_project.json - --to rttm | avd score reference.rttm /dev/stdin
`;

/** `avd convert`: between all formats of a diarization. */
export async function convertCommand(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseCommandLine(argv, {
    from: text,
    to: text,
    media: text,
    recording: text,
    help: { type: 'boolean', short: 'h' },
  });
  if (values['help'] === true) {
    process.stdout.write(help);
    return 0;
  }
  const [input, output] = positionals;
  if (input === undefined || output === undefined || positionals.length > 2) {
    throw badOption('avd convert needs two files: avd convert INPUT OUTPUT.');
  }
  const option = (name: string): string | undefined => values[name] as string | undefined;
  // A wrong name of a format is said before anything is read.
  const to = chooseFormat(output, option('to'), '--to');
  if (input === '-' || option('from') !== undefined) chooseFormat(input, option('from'), '--from');
  const source = await readTextFile(input);
  const from = chooseFormat(input, option('from'), '--from', source);
  const recording = option('recording');
  const media = option('media');
  const read = readContent(source, from, {
    fallbackName: media === undefined ? nameFromFile(input) : recordingName(media),
    ...(recording !== undefined && { recording }),
  });
  const content = media === undefined ? read : await withDuration(read, media, signal);
  const result = to.write(content, media ?? content.media ?? content.diarization.recording);
  await writeTextFile(output, result);
  const notes = [...content.notices, ...lossesOf(content, to, result)];
  if (to.name === 'via' && media === undefined && content.media === undefined) {
    notes.push('VIA will ask for the recording; with --media FILE the project names it.');
  }
  if (content.diarization.turns.length === 0) notes.push('Nobody speaks in the input.');
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  return 0;
}

/** The length of the recording, where it can be looked up and the source does not state it. */
async function withDuration(
  content: Content,
  media: string,
  signal: AbortSignal,
): Promise<Content> {
  const isThere = await stat(media).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (!isThere || content.document !== undefined) return content;
  const { durationSec } = await probeMedia(path.resolve(media), await findFfmpeg(), signal);
  if (durationSec === undefined) return content;
  const { diarization } = content;
  const longerSec = Math.max(diarization.durationSec, durationSec);
  return { ...content, diarization: { ...diarization, durationSec: longerSec } };
}
