import type { Diarization } from './diarization.js';
import { AvdError } from './errors.js';
import { contentLines, isNumberText } from './rttm-lines.js';
import type { TimeSpan } from './time.js';

/** One SPEAKER line of an RTTM file: half-open span in seconds. */
export interface RttmTurn extends TimeSpan {
  /** Recording name (column 2). */
  readonly recording: string;
  /** Speaker label (column 8). */
  readonly speaker: string;
}

export interface ParseRttmOptions {
  /** How errors call the text, e.g. its file name. @default 'RTTM' */
  readonly sourceName?: string;
}

export interface FormatRttmOptions {
  /** Decimals of start and duration: 3 as dscore writes, 2 as the av-diarization reference. @default 3 */
  readonly decimals?: 2 | 3;
  /**
   * White space in names: `underscore` keeps the columns readable for every tool, `keep` gives the
   * bytes of the av-diarization reference. @default 'underscore'
   */
  readonly spaces?: 'underscore' | 'keep';
}

/** RTTM line types of the NIST RT-09 plan that carry no speaker turn. */
const OTHER_TYPES = new Set(
  'SEGMENT NOSCORE NO_RT_METADATA LEXEME NON-LEX NON-SPEECH FILLER EDIT IP SU CB A/P SPKR-INFO'.split(
    ' ',
  ),
);

const START_COLUMN = 3;
const MIN_COLUMNS = 8;
const MISSING = '<NA>';

/**
 * Reads the speaker turns of an RTTM text, in the order of its lines. Comments (`;`, `#`), blank lines, tabs,
 * other line types and missing columns after the speaker are accepted; turns of length 0 are dropped;
 * a recording name with spaces is understood where the two `<NA>` columns show which columns are the times.
 * `endSec` is start + duration in double precision, as in dscore.
 *
 * @throws AvdError invalidInput `BAD_RTTM` naming the line and what is wrong with it.
 */
export function parseRttm(text: string, options: ParseRttmOptions = {}): RttmTurn[] {
  const sourceName = options.sourceName ?? 'RTTM';
  const turns: RttmTurn[] = [];
  for (const { lineNumber, content } of contentLines(text)) {
    const fail = (what: string): AvdError =>
      new AvdError('invalidInput', 'BAD_RTTM', `${sourceName} line ${lineNumber}: ${what}.`, {
        details: { line: String(lineNumber) },
      });
    const columns = content.split(/\s+/);
    const type = columns[0]!.toUpperCase();
    if (OTHER_TYPES.has(type)) continue;
    if (type !== 'SPEAKER') {
      throw fail(`"${columns[0]}" is not an RTTM line type; speaker turns start with SPEAKER`);
    }
    if (columns.length < MIN_COLUMNS) {
      throw fail(
        `${columns.length} columns, but a SPEAKER line needs at least ${MIN_COLUMNS} (SPEAKER recording channel start duration <NA> <NA> speaker)`,
      );
    }
    const startColumn = findStartColumn(columns);
    const startText = columns[startColumn]!;
    const durationText = columns[startColumn + 1]!;
    if (!isNumberText(startText)) throw fail(`the start time "${startText}" is not a number`);
    if (!isNumberText(durationText)) throw fail(`the duration "${durationText}" is not a number`);
    const startSec = Number(startText);
    const durationSec = Number(durationText);
    if (startSec < 0) throw fail(`the start time ${startText} is negative`);
    if (durationSec < 0) throw fail(`the duration ${durationText} is negative`);
    if (durationSec === 0) continue;
    turns.push({
      recording: columns.slice(1, startColumn - 1).join(' '),
      speaker: columns[startColumn + 4]!,
      startSec,
      endSec: startSec + durationSec,
    });
  }
  return turns;
}

/** Column of the start time; later than usual when the recording name holds spaces. */
function findStartColumn(columns: readonly string[]): number {
  for (let column = START_COLUMN; column + 4 < columns.length; column++) {
    const looksRight =
      isNumberText(columns[column]!) &&
      isNumberText(columns[column + 1]!) &&
      columns[column + 2] === MISSING &&
      columns[column + 3] === MISSING;
    if (looksRight) return column;
  }
  return START_COLUMN;
}

/**
 * Writes turns as RTTM, one line each, in the order given:
 * `SPEAKER recording 1 start duration <NA> <NA> speaker <NA> <NA>`.
 */
export function formatRttm(turns: readonly RttmTurn[], options: FormatRttmOptions = {}): string {
  const decimals = options.decimals ?? 3;
  const name = options.spaces === 'keep' ? (label: string) => label : columnText;
  let text = '';
  for (const turn of turns) {
    const start = turn.startSec.toFixed(decimals);
    const duration = (turn.endSec - turn.startSec).toFixed(decimals);
    text += `SPEAKER ${name(turn.recording)} 1 ${start} ${duration} <NA> <NA> ${name(turn.speaker)} <NA> <NA>\n`;
  }
  return text;
}

/** A name as one column: white space becomes `_`, nothing becomes `<NA>`. */
export function columnText(label: string): string {
  return label === '' ? MISSING : label.replace(/\s+/g, '_');
}

/** The turns of a result as RTTM turns, order kept. */
export function diarizationToRttmTurns(diarization: Diarization): RttmTurn[] {
  return diarization.turns.map(({ speaker, startSec, endSec }) => ({
    recording: diarization.recording,
    speaker,
    startSec,
    endSec,
  }));
}
