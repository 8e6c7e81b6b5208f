import path from 'node:path';
import {
  DIARIZATION_FORMATS,
  diarizationToVia,
  formatViaProject,
  type RttmTurn,
} from '@avd/domain';
import { badOption } from '../arguments.js';
import { convertedDocument } from './write-document.js';
import type { Content } from './content.js';
import { isDocument } from './read-document.js';
import { isViaProject } from './read-via.js';

export interface ConvertFormat {
  readonly name: string;
  /** With its dot; several formats may share one. */
  readonly extension: string;
  readonly about: string;
  /** @param media name or web address of the recording */
  readonly write: (content: Content, media: string) => string;
  /** Turns of the text as a reader of this format gets them; absent for JSON. */
  readonly readTurns?: (text: string, recording: string) => RttmTurn[];
}

const about: Readonly<Record<string, string>> = {
  rttm: 'NIST RTTM, what scoring tools read',
  vtt: 'WebVTT, subtitles in browsers',
  srt: 'SubRip, subtitles in players',
  ctm: 'NIST CTM with the speaker in the place of the word',
  audacity: 'label track of Audacity',
  textgrid: 'Praat TextGrid, one tier a speaker',
  eaf: 'ELAN annotation file, one tier a speaker',
};

export const CONVERT_FORMATS: readonly ConvertFormat[] = [
  {
    name: 'json',
    extension: '.json',
    about: 'diarization.json, all that avd knows',
    write: (content) => convertedDocument(content),
  },
  {
    name: 'via',
    extension: '.json',
    about: 'project of the VIA 3 annotator (result.json)',
    write: ({ diarization }, media) => formatViaProject(diarizationToVia(diarization, media)),
  },
  ...DIARIZATION_FORMATS.map(({ name, extension, write, read }): ConvertFormat => ({
    name,
    extension,
    about: about[name] ?? '',
    write: ({ diarization }) => write(diarization),
    ...(read && { readTurns: read }),
  })),
];

/**
 * The format named, else that of the ending of the file.
 * @param file `-` for standard input or output
 * @throws AvdError invalidInput BAD_OPTION where that leaves it open
 */
export function chooseFormat(
  file: string,
  named: string | undefined,
  option: '--from' | '--to',
  text?: string,
): ConvertFormat {
  const names = CONVERT_FORMATS.map(({ name }) => name);
  if (named !== undefined) {
    const format = CONVERT_FORMATS.find(({ name }) => name === named.toLowerCase());
    if (format !== undefined) return format;
    throw badOption(`${option} must be one of ${names.join(', ')}, not "${named}".`);
  }
  if (file === '-') {
    throw badOption(`Without a file name the format is not known: give ${option} FORMAT.`);
  }
  const extension = path.extname(file).toLowerCase();
  const fitting = CONVERT_FORMATS.filter((format) => format.extension.toLowerCase() === extension);
  if (fitting.length === 1) return fitting[0]!;
  const sure = fitting.find(({ name }) =>
    text === undefined ? isUsualName(file, name) : isContentOf(text, name),
  );
  if (sure !== undefined) return sure;
  throw badOption(
    fitting.length > 1
      ? `"${file}" may be ${fitting.map(({ name }) => name).join(' or ')}: say which with ${option}.`
      : `The ending of "${file}" tells no format: give ${option}, one of ${names.join(', ')}.`,
  );
}

/** The names which avd diarize gives. */
function isUsualName(file: string, name: string): boolean {
  const base = path.basename(file).toLowerCase();
  return name === 'json'
    ? /(^|\.)diarization\.json$/.test(base)
    : /(^result|(^|\.)via)\.json$/.test(base);
}

function isContentOf(text: string, name: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  return name === 'json' ? isDocument(value) : isViaProject(value);
}
