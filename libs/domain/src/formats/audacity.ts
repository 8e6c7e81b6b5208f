import type { Diarization } from '../diarization.js';
import type { RttmTurn } from '../rttm.js';
import { contentLines, isNumberText } from '../rttm-lines.js';
import { badFormat, type DiarizationFormat } from './format.js';
import { oneLine, turnsInTimeOrder } from './turns.js';

function writeAudacity(diarization: Diarization): string {
  return turnsInTimeOrder(diarization)
    .map(
      (turn) =>
        `${turn.startSec.toFixed(6)}\t${turn.endSec.toFixed(6)}\t${oneLine(turn.speaker)}\n`,
    )
    .join('');
}

function readAudacity(text: string, recording: string): RttmTurn[] {
  const turns: RttmTurn[] = [];
  for (const { lineNumber, content } of contentLines(text)) {
    // A line that starts with a backslash holds the frequencies of the label above.
    if (content.startsWith('\\')) continue;
    const [start = '', end = '', ...rest] = content.split('\t');
    const speaker = oneLine(rest.join(' '));
    const startSec = Number(start);
    const endSec = Number(end);
    if (!isNumberText(start) || !isNumberText(end) || startSec < 0 || endSec < startSec) {
      throw badFormat('audacity', `line ${lineNumber} has no readable times`);
    }
    if (speaker === '') throw badFormat('audacity', `line ${lineNumber} names no speaker`);
    turns.push({ recording, speaker, startSec, endSec });
  }
  return turns;
}

/** Audacity label track: `start TAB end TAB speaker`, 6 decimals. */
export const audacityFormat: DiarizationFormat = {
  name: 'audacity',
  extension: '.txt',
  mediaType: 'text/plain',
  write: writeAudacity,
  read: readAudacity,
};
