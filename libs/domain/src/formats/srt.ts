import type { Diarization } from '../diarization.js';
import type { RttmTurn } from '../rttm.js';
import { formatCues, parseCues } from './cues.js';
import { badFormat, type DiarizationFormat } from './format.js';
import { oneLine } from './turns.js';

function writeSrt(diarization: Diarization): string {
  return formatCues(diarization, ',', oneLine);
}

/** The speaker is the first line of text of a subtitle. */
function readSrt(text: string, recording: string): RttmTurn[] {
  return parseCues(text, 'srt').map(({ startSec, endSec, lines, lineNumber }) => {
    const speaker = oneLine(lines[0] ?? '');
    if (speaker === '') throw badFormat('srt', `the subtitle at line ${lineNumber} has no text`);
    return { recording, speaker, startSec, endSec };
  });
}

/** SubRip subtitles: one subtitle a turn, its text is the speaker. */
export const srtFormat: DiarizationFormat = {
  name: 'srt',
  extension: '.srt',
  mediaType: 'application/x-subrip',
  write: writeSrt,
  read: readSrt,
};
