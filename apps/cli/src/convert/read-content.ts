import { AvdError, recordingName, type RttmTurn } from '@avd/domain';
import { badOption } from '../arguments.js';
import { diarizationOf, type Content } from './content.js';
import type { ConvertFormat } from './formats.js';
import { readDocument } from './read-document.js';
import { readVia } from './read-via.js';

export interface ReadOptions {
  /** Name for the recording where the file gives none, e.g. its own. */
  readonly fallbackName: string;
  /** Which recording is wanted, where the file holds several. */
  readonly recording?: string;
}

/** Stands for a recording name that the file does not give. */
const NO_NAME = '\0';

/**
 * What a text in the given format says of one recording.
 * @throws AvdError invalidInput `BAD_<FORMAT>`; BAD_OPTION where several recordings are there and none was chosen
 */
export function readContent(text: string, format: ConvertFormat, options: ReadOptions): Content {
  if (format.readTurns !== undefined) {
    const turns = format.readTurns(text, NO_NAME);
    if (turns.length === 0) refuseOtherText(text, format.name);
    return contentOf(turns, format.name === 'ctm' ? ['Confidences in CTM are not read.'] : []);
  }
  const value = parseJson(text, format.name);
  if (format.name === 'json') return readDocument(value);
  const { turns, media, notices } = readVia(value);
  const content = contentOf(turns, notices);
  const [onlyName] = media.keys();
  if (content.namesRecording || onlyName === undefined) {
    const address = media.get(content.diarization.recording);
    return { ...content, ...(address !== undefined && { media: address }) };
  }
  const diarization = { ...content.diarization, recording: onlyName };
  return { ...content, diarization, namesRecording: true, media: media.get(onlyName)! };

  function contentOf(turns: readonly RttmTurn[], notices: readonly string[]): Content {
    const own = chooseRecording(turns, options.recording);
    const named = own[0]?.recording ?? NO_NAME;
    const spoken = own.filter(({ startSec, endSec }) => endSec > startSec);
    const dropped = own.length - spoken.length;
    return {
      diarization: diarizationOf(named === NO_NAME ? options.fallbackName : named, spoken),
      namesRecording: named !== NO_NAME,
      notices: [
        ...notices,
        ...(dropped === 0 ? [] : [`Turns without length are left out: ${dropped}.`]),
      ],
    };
  }
}

/** Readers of subtitles skip what they do not know, so that any text would be a file in which nobody speaks. */
function refuseOtherText(text: string, name: string): void {
  const isEmptyFile = name === 'vtt' ? /^\uFEFF?WEBVTT/.test(text) : text.trim() === '';
  if (isEmptyFile || (name !== 'vtt' && name !== 'srt')) return;
  const reason = `BAD_${name.toUpperCase()}`;
  throw new AvdError('invalidInput', reason, `${name}: there are no subtitles in the file.`);
}

function chooseRecording(turns: readonly RttmTurn[], wanted: string | undefined): RttmTurn[] {
  const names = [...new Set(turns.map(({ recording }) => recording))];
  if (wanted === undefined) {
    if (names.length <= 1) return [...turns];
    throw badOption(
      `The file holds ${names.length} recordings (${listed(names)}): choose one with --recording NAME.`,
    );
  }
  if (names.every((name) => name === NO_NAME)) return [...turns];
  if (names.includes(wanted)) return turns.filter(({ recording }) => recording === wanted);
  throw badOption(`The file holds no recording "${wanted}", only ${listed(names)}.`);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown}, ...` : shown;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = `BAD_${name.toUpperCase()}`;
    throw new AvdError('invalidInput', reason, `${name}: the file is not JSON.`, { cause });
  }
}

/** A recording's name from that of a file of any format. */
export function nameFromFile(file: string): string {
  return file === '-' ? 'recording' : recordingName(file);
}
