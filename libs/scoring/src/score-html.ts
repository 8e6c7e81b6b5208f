import { escapeMarkup as escape, type RttmTurn } from '@avd/domain';
import { byRecording } from './by-recording.js';
import { errorSpans, type ErrorSpan, type ErrorSpanKind } from './error-spans.js';
import { SCORE_CSS } from './score-html-style.js';
import { scoreRecordings, type FileScores, type ScoreOptions, type Scores } from './score.js';
import { joinLaneText, timelineSvg, type TimelineLane } from './timeline-svg.js';

export interface ScoreHtmlOptions extends ScoreOptions {
  /** Heading of the page. @default 'Diarization scores' */
  readonly title?: string;
}

const KIND_NAMES: readonly (readonly [ErrorSpanKind, string])[] = [
  ['missed', 'missed'],
  ['falseAlarm', 'false alarm'],
  ['confusion', 'confusion'],
];
const LISTED_ERRORS = 20;

/**
 * One self-contained HTML page: a table of the scores and, for every recording, lanes of who spoke in the reference
 * and in the hypothesis (same colour for speakers taken as the same person), lanes that mark the errors, and a list of the
 * longest ones. No scripts and no requests; light and dark by the reader's setting.
 *
 * @throws AvdError invalidInput as `scoreRecordings` does.
 */
export function formatScoreHtml(
  ref: readonly RttmTurn[],
  hyp: readonly RttmTurn[],
  options: ScoreHtmlOptions = {},
): string {
  const result = scoreRecordings(ref, hyp, options);
  const title = escape(options.title ?? 'Diarization scores');
  const refTurns = byRecording(ref);
  const hypTurns = byRecording(hyp);
  const { uem = 'union' } = options;
  const regions = typeof uem === 'string' ? undefined : byRecording(uem);
  const { speakerCounts, scoredSec } = result.overall;
  const overlap = result.skipOverlap ? 'left out' : 'scored';
  const sections = result.files.map((file, index) => {
    const fileRef = refTurns.get(file.recording) ?? [];
    const fileHyp = hypTurns.get(file.recording) ?? [];
    const scored = regions?.get(file.recording) ?? (uem === 'reference' ? 'reference' : 'union');
    const errors = errorSpans(fileRef, fileHyp, {
      collarSec: result.collarSec,
      skipOverlap: result.skipOverlap,
      uem: scored,
    });
    return section(index, file, fileRef, fileHyp, errors);
  });
  const rows = result.files.map(
    (file, index) =>
      `<tr><th scope="row"><a href="#r${index}">${escape(file.recording)}</a></th>${cells(file)}</tr>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${SCORE_CSS}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>Collar ${result.collarSec} s, overlapping speech ${overlap}, ${scoredSec.toFixed(2)} s of speech scored. Number of speakers: exact ${speakerCounts.exactPercent.toFixed(1)} %, off by one ${speakerCounts.offByOnePercent.toFixed(1)} %.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Scores">
<table>
<thead><tr><th scope="col">recording</th><th scope="col">DER %</th><th scope="col">missed %</th><th scope="col">false alarm %</th><th scope="col">confusion %</th><th scope="col">JER %</th><th scope="col">speakers ref/hyp</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
<tfoot><tr><th scope="row">overall</th>${cells(result.overall)}</tr></tfoot>
</table>
</div>
${sections.join('\n')}
</main>
</body>
</html>
`;
}

function cells(scores: Scores): string {
  const percents = [
    scores.derPercent,
    scores.missedPercent,
    scores.falseAlarmPercent,
    scores.confusionPercent,
    scores.jerPercent,
  ];
  const counts = `<td>${scores.refSpeakerCount}/${scores.hypSpeakerCount}</td>`;
  return percents.map((percent) => `<td>${percent.toFixed(2)}</td>`).join('') + counts;
}

function section(
  index: number,
  file: FileScores,
  ref: readonly RttmTurn[],
  hyp: readonly RttmTurn[],
  errors: readonly ErrorSpan[],
): string {
  const name = escape(file.recording);
  const lanes = [...speakerLanes(file, ref, hyp), ...errorLanes(errors)];
  const endSec = [...ref, ...hyp].reduce((last, turn) => Math.max(last, turn.endSec), 0);
  const labels = lanes.map((lane) => `<li class="${lane.group}">${escape(lane.label)}</li>`);
  const summary = `${file.missedSec.toFixed(2)} s missed, ${file.falseAlarmSec.toFixed(2)} s false alarm, ${file.confusionSec.toFixed(2)} s confusion of ${file.scoredSec.toFixed(2)} s`;
  return `<section id="r${index}">
<h2>${name} <small>DER ${file.derPercent.toFixed(2)} %</small></h2>
<p>${summary}</p>
<div class="timeline">
<ul aria-hidden="true"><li class="axis"></li>${labels.join('')}</ul>
<div class="scroll" tabindex="0" role="region" aria-label="Timeline of ${name}">
${timelineSvg(lanes, endSec, `Who spoke when in ${file.recording}: ${joinLaneText(lanes)}`)}
</div>
</div>
${errorList(errors)}
</section>`;
}

/** Reference speakers, then hypothesis speakers; those of a pair share a colour number. */
function speakerLanes(
  file: FileScores,
  ref: readonly RttmTurn[],
  hyp: readonly RttmTurn[],
): TimelineLane[] {
  const refLabels = [...new Set(ref.map((turn) => turn.speaker))].sort();
  const refOfHyp = new Map(file.speakerPairs.map((pair) => [pair.hyp, pair.ref]));
  const hypLabels = [...new Set(hyp.map((turn) => turn.speaker))].sort();
  const colourOfHyp = (label: string): number => refLabels.indexOf(refOfHyp.get(label) ?? '');
  // Paired speakers in the order of their partners, the others after them.
  const place = (label: string): number => {
    const colour = colourOfHyp(label);
    return colour < 0 ? refLabels.length : colour;
  };
  hypLabels.sort((a, b) => place(a) - place(b));
  const spansOf = (turns: readonly RttmTurn[], label: string): RttmTurn[] =>
    turns
      .filter((turn) => turn.speaker === label)
      .sort((a, b) => a.startSec - b.startSec || a.endSec - b.endSec);
  return [
    ...refLabels.map((label, colour) => ({
      group: 'ref' as const,
      label: `ref ${label}`,
      colour,
      spans: spansOf(ref, label),
    })),
    ...hypLabels.map((label) => ({
      group: 'hyp' as const,
      label: `hyp ${label}`,
      colour: colourOfHyp(label),
      spans: spansOf(hyp, label),
    })),
  ];
}

function errorLanes(errors: readonly ErrorSpan[]): TimelineLane[] {
  return KIND_NAMES.map(([kind, label]) => ({
    group: 'error' as const,
    label,
    kind,
    spans: errors.filter((error) => error.kind === kind),
  }));
}

function errorList(errors: readonly ErrorSpan[]): string {
  if (errors.length === 0) return '<p>No errors.</p>';
  const names = new Map(KIND_NAMES);
  const longest = [...errors]
    .sort((a, b) => b.endSec - b.startSec - (a.endSec - a.startSec) || a.startSec - b.startSec)
    .slice(0, LISTED_ERRORS);
  const rows = longest.map(
    ({ kind, startSec, endSec, ref, hyp }) =>
      `<tr><td>${startSec.toFixed(2)}</td><td>${endSec.toFixed(2)}</td><td class="text">${names.get(kind)!}</td>` +
      `<td class="text">${escape(ref.join(', ') || '–')}</td><td class="text">${escape(hyp.join(', ') || '–')}</td></tr>`,
  );
  return `<details>
<summary>Longest errors (${longest.length} of ${errors.length})</summary>
<table>
<thead><tr><th scope="col">from (s)</th><th scope="col">to (s)</th><th scope="col">error</th><th scope="col">reference</th><th scope="col">hypothesis</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</details>`;
}
