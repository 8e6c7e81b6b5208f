import type { ScoreResult, Scores } from './score.js';

const HEADER = [
  'recording',
  'DER %',
  'missed %',
  'false alarm %',
  'confusion %',
  'JER %',
  'speakers ref/hyp',
];

/**
 * Scores as a text table for a terminal: one line a recording, one for all together, and a line on the
 * conditions and the number of speakers. No colours; ends with a line feed.
 */
export function formatScoreTable(result: ScoreResult): string {
  const { files, overall, collarSec, skipOverlap } = result;
  const rows = [
    ...files.map((file) => [file.recording, ...cells(file)]),
    ['overall', ...cells(overall)],
  ];
  const widths = HEADER.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!),
      )
      .join('  ');
  const rule = '-'.repeat(line(HEADER).length);
  const { exactPercent, offByOnePercent, meanAbsDifference } = overall.speakerCounts;
  return [
    line(HEADER),
    rule,
    ...rows.slice(0, -1).map(line),
    rule,
    line(rows.at(-1)!),
    '',
    `collar ${collarSec} s, overlapping speech ${skipOverlap ? 'left out' : 'scored'}, ${overall.scoredSec.toFixed(2)} s of speech scored`,
    `number of speakers: exact ${exactPercent.toFixed(1)} %, off by one ${offByOnePercent.toFixed(1)} %, mean difference ${meanAbsDifference.toFixed(2)}`,
    '',
  ].join('\n');
}

function cells(scores: Scores): string[] {
  return [
    scores.derPercent.toFixed(2),
    scores.missedPercent.toFixed(2),
    scores.falseAlarmPercent.toFixed(2),
    scores.confusionPercent.toFixed(2),
    scores.jerPercent.toFixed(2),
    `${scores.refSpeakerCount}/${scores.hypSpeakerCount}`,
  ];
}
