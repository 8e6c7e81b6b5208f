import type { Diarization } from '../diarization.js';
import { columnText, type RttmTurn } from '../rttm.js';
import { contentLines, isNumberText } from '../rttm-lines.js';
import { badFormat, type DiarizationFormat } from './format.js';
import { turnsInTimeOrder } from './turns.js';

function writeCtm(diarization: Diarization): string {
  const recording = columnText(diarization.recording);
  return turnsInTimeOrder(diarization)
    .map(({ startSec, endSec, speaker, confidence }) => {
      const duration = (endSec - startSec).toFixed(3);
      return `${recording} 1 ${startSec.toFixed(3)} ${duration} ${columnText(speaker)} ${confidence.toFixed(3)}\n`;
    })
    .join('');
}

function readCtm(text: string): RttmTurn[] {
  return contentLines(text).map(({ lineNumber, content }) => {
    const columns = content.split(/\s+/);
    const [recording, , start = '', duration = '', speaker] = columns;
    if (recording === undefined || speaker === undefined) {
      throw badFormat('ctm', `line ${lineNumber} has ${columns.length} columns instead of 5 or 6`);
    }
    const startSec = Number(start);
    const durationSec = Number(duration);
    if (!isNumberText(start) || !isNumberText(duration) || startSec < 0 || durationSec < 0) {
      throw badFormat('ctm', `line ${lineNumber} has no readable times ("${start} ${duration}")`);
    }
    return { recording, speaker, startSec, endSec: startSec + durationSec };
  });
}

/** NIST CTM columns with the speaker in the place of the word: `recording 1 start duration speaker confidence`. */
export const ctmFormat: DiarizationFormat = {
  name: 'ctm',
  extension: '.ctm',
  mediaType: 'text/plain',
  write: writeCtm,
  read: readCtm,
};
