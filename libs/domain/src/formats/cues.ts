import type { Diarization } from '../diarization.js';
import type { TimeSpan } from '../time.js';
import { badFormat } from './format.js';
import { turnsInTimeOrder } from './turns.js';

/** One subtitle: a span and its lines of text. */
export interface Cue extends TimeSpan {
  readonly lines: readonly string[];
  /** Line of the times, from 1. */
  readonly lineNumber: number;
}

/** Numbered cue blocks, one a turn, as WebVTT and SRT share them; turns shorter than half a millisecond vanish. */
export function formatCues(
  diarization: Diarization,
  decimalMark: '.' | ',',
  cueText: (speaker: string) => string,
): string {
  const blocks: string[] = [];
  for (const turn of turnsInTimeOrder(diarization)) {
    const start = formatClock(turn.startSec, decimalMark);
    const end = formatClock(turn.endSec, decimalMark);
    if (start === end) continue;
    blocks.push(`${blocks.length + 1}\n${start} --> ${end}\n${cueText(turn.speaker)}\n`);
  }
  return blocks.join('\n');
}

/** Cue blocks of a WebVTT or SRT text; blocks without times (headers, notes, styles) are skipped. */
export function parseCues(text: string, formatName: string): Cue[] {
  const cues: Cue[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  let index = 0;
  while (index < lines.length) {
    const blockEnd = endOfBlock(lines, index);
    const times = lines.findIndex((line, i) => i >= index && i < blockEnd && line.includes('-->'));
    if (times >= 0 && !lines[index]!.startsWith('NOTE')) {
      const lineNumber = times + 1;
      const match = /^\s*(\S+)\s+-->\s+(\S+)/.exec(lines[times]!);
      const startSec = parseClock(match?.[1]);
      const endSec = parseClock(match?.[2]);
      if (startSec === undefined || endSec === undefined) {
        throw badFormat(formatName, `line ${lineNumber} has no readable times ("${lines[times]}")`);
      }
      if (endSec <= startSec) {
        throw badFormat(formatName, `line ${lineNumber} ends before it starts`);
      }
      cues.push({ startSec, endSec, lines: lines.slice(times + 1, blockEnd), lineNumber });
    }
    index = blockEnd + 1;
  }
  return cues;
}

function endOfBlock(lines: readonly string[], from: number): number {
  let end = from;
  while (end < lines.length && lines[end]!.trim() !== '') end++;
  return end;
}

/** `HH:MM:SS.mmm`, rounded to the millisecond. */
export function formatClock(timeSec: number, decimalMark: '.' | ','): string {
  const totalMs = Math.round(timeSec * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(totalMs / 3_600_000);
  const minutes = Math.floor(totalMs / 60_000) % 60;
  const seconds = Math.floor(totalMs / 1000) % 60;
  const milliseconds = String(totalMs % 1000).padStart(3, '0');
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${decimalMark}${milliseconds}`;
}

/** Seconds of `[HH:]MM:SS.mmm` with either decimal mark; undefined when it is something else. */
export function parseClock(text: string | undefined): number | undefined {
  const match = /^(?:(\d+):)?([0-5]?\d):([0-5]?\d)[.,](\d{3})$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, hours = '0', minutes, seconds, milliseconds] = match;
  const totalSec = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return (totalSec * 1000 + Number(milliseconds)) / 1000;
}
