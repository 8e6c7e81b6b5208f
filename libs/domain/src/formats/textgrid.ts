import type { Diarization } from '../diarization.js';
import type { RttmTurn } from '../rttm.js';
import { badFormat, type DiarizationFormat } from './format.js';
import { oneLine, speakerLanes } from './turns.js';

const MICROS_PER_SEC = 1_000_000;

function writeTextGrid(diarization: Diarization): string {
  const lanes = speakerLanes(diarization, MICROS_PER_SEC);
  const lastMicros = lanes.reduce(
    (last, lane) => Math.max(last, lane.spans.at(-1)![1]),
    Math.round(diarization.durationSec * MICROS_PER_SEC),
  );
  const out = [
    'File type = "ooTextFile"',
    'Object class = "TextGrid"',
    '',
    'xmin = 0',
    `xmax = ${secText(lastMicros)}`,
    'tiers? <exists>',
    `size = ${lanes.length}`,
    'item []:',
  ];
  for (const [laneIndex, { speaker, spans }] of lanes.entries()) {
    const label = quoted(speaker);
    const intervals: (readonly [number, number, string])[] = [];
    let reached = 0;
    for (const [start, end] of spans) {
      if (start > reached) intervals.push([reached, start, '""']);
      intervals.push([start, end, label]);
      reached = end;
    }
    if (lastMicros > reached) intervals.push([reached, lastMicros, '""']);
    out.push(
      `    item [${laneIndex + 1}]:`,
      '        class = "IntervalTier"',
      `        name = ${label}`,
      '        xmin = 0',
      `        xmax = ${secText(lastMicros)}`,
      `        intervals: size = ${intervals.length}`,
    );
    for (const [index, [start, end, text]] of intervals.entries()) {
      out.push(
        `        intervals [${index + 1}]:`,
        `            xmin = ${secText(start)}`,
        `            xmax = ${secText(end)}`,
        `            text = ${text}`,
      );
    }
  }
  return `${out.join('\n')}\n`;
}

function secText(micros: number): string {
  return String(micros / MICROS_PER_SEC);
}

function quoted(label: string): string {
  return `"${oneLine(label).replaceAll('"', '""')}"`;
}

/**
 * Praat reads only free-standing numbers, quoted strings and flags and ignores everything between, which makes its
 * long and short text formats one; this reader does the same. Interval tiers with text are turns of the tier's name.
 */
function readTextGrid(text: string, recording: string): RttmTurn[] {
  const tokens = [
    ...text.matchAll(/"((?:[^"]|"")*)"|(?<![^\s])(-?\d+(?:\.\d+)?(?:e-?\d+)?)(?!\S)/gi),
  ];
  let next = 0;
  const takeString = (what: string): string => {
    const value = tokens[next++]?.[1];
    if (value === undefined) throw badFormat('textgrid', `the file ends or breaks before ${what}`);
    return value.replaceAll('""', '"');
  };
  const takeNumber = (what: string): number => {
    const value = tokens[next++]?.[2];
    if (value === undefined) throw badFormat('textgrid', `the file ends or breaks before ${what}`);
    return Number(value);
  };
  if (takeString('the file type') !== 'ooTextFile' || takeString('the class') !== 'TextGrid') {
    throw badFormat('textgrid', 'this is not a Praat TextGrid in a text format');
  }
  takeNumber('the start time');
  takeNumber('the end time');
  const tierCount = takeNumber('the number of tiers');
  const turns: RttmTurn[] = [];
  for (let tier = 1; tier <= tierCount; tier++) {
    const isIntervals = takeString(`tier ${tier}`) === 'IntervalTier';
    const speaker = takeString(`the name of tier ${tier}`);
    takeNumber(`the start of tier ${tier}`);
    takeNumber(`the end of tier ${tier}`);
    const itemCount = takeNumber(`the size of tier ${tier}`);
    for (let item = 1; item <= itemCount; item++) {
      const where = `item ${item} of tier ${tier}`;
      const startSec = takeNumber(where);
      const endSec = isIntervals ? takeNumber(where) : startSec;
      const label = takeString(where);
      if (isIntervals && label.trim() !== '') turns.push({ recording, speaker, startSec, endSec });
    }
  }
  return turns;
}

/** Praat TextGrid (long text format): one interval tier a speaker. */
export const textGridFormat: DiarizationFormat = {
  name: 'textgrid',
  extension: '.TextGrid',
  mediaType: 'text/plain',
  write: writeTextGrid,
  read: readTextGrid,
};
