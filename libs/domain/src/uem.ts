import { AvdError } from './errors.js';
import { columnText } from './rttm.js';
import { contentLines, isNumberText } from './rttm-lines.js';
import type { TimeSpan } from './time.js';

/** One region of a recording that is to be scored (un-partitioned evaluation map). */
export interface UemRegion extends TimeSpan {
  readonly recording: string;
}

const MEDIA_EXTENSION = /\.(wav|flac|sph|mp3|m4a|ogg|opus|mp4|mkv|webm|avi|mov)$/i;

/**
 * Reads a UEM text: `recording channel start end` a line; comments (`;`, `#`) and blank lines are skipped, folder
 * and media extension of the recording are dropped (as md-eval and dscore do), further columns ignored.
 *
 * @param sourceName how errors call the text, e.g. its file name
 * @throws AvdError invalidInput `BAD_UEM` naming the line and what is wrong with it.
 */
export function parseUem(text: string, sourceName = 'UEM'): UemRegion[] {
  return contentLines(text).map(({ lineNumber, content }) => {
    const fail = (what: string): AvdError =>
      new AvdError('invalidInput', 'BAD_UEM', `${sourceName} line ${lineNumber}: ${what}.`, {
        details: { line: String(lineNumber) },
      });
    const columns = content.split(/\s+/);
    if (columns.length < 4) {
      throw fail(`${columns.length} columns instead of 4 (recording channel start end)`);
    }
    const [file, , startText, endText] = columns as [string, string, string, string];
    if (!isNumberText(startText)) throw fail(`the start time "${startText}" is not a number`);
    if (!isNumberText(endText)) throw fail(`the end time "${endText}" is not a number`);
    const startSec = Number(startText);
    const endSec = Number(endText);
    if (startSec < 0) throw fail(`the start time ${startText} is negative`);
    if (endSec <= startSec) throw fail(`the end ${endText} is not after the start ${startText}`);
    const recording = file.slice(file.lastIndexOf('/') + 1).replace(MEDIA_EXTENSION, '');
    return { recording, startSec, endSec };
  });
}

/** Writes a UEM, one region a line, 3 decimals, in the order given. */
export function formatUem(regions: readonly UemRegion[]): string {
  return regions
    .map(
      ({ recording, startSec, endSec }) =>
        `${columnText(recording)} 1 ${startSec.toFixed(3)} ${endSec.toFixed(3)}\n`,
    )
    .join('');
}
