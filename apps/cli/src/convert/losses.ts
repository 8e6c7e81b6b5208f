import type { SpeechTurn } from '@avd/domain';
import type { Content } from './content.js';
import type { ConvertFormat } from './formats.js';

const MS_PER_SEC = 1000;
const SHOWN_NAMES = 3;
const PLACEHOLDER = '\0';

/**
 * What a written text does not say any more, as sentences. It is not looked up in a table but measured: the text is read
 * again and compared with what went in.
 */
export function lossesOf(content: Content, format: ConvertFormat, text: string): string[] {
  return [
    ...lostDetails(content, format.name),
    ...(format.readTurns === undefined
      ? []
      : lostTurns(content, format.readTurns(text, PLACEHOLDER))),
  ];
}

/** Only diarization.json holds these. */
function lostDetails({ document }: Content, name: string): string[] {
  if (document === undefined || name === 'json') return [];
  const { turns, tracks, shots } = document;
  const hasEvidence = turns.some(
    ({ evidence, trackIndex }) => Object.keys(evidence).length > 0 || trackIndex !== undefined,
  );
  const parts = [
    ...(name !== 'ctm' && turns.some(({ confidence }) => confidence < 1) ? ['confidences'] : []),
    ...(hasEvidence ? ['the evidence for turns'] : []),
    ...(tracks.length > 0 ? ['face tracks'] : []),
    ...(shots.length > 0 ? ['shots'] : []),
    'settings',
  ];
  return [`${capitalised(sentenceList(parts))} are not in ${name}.`];
}

type ReadTurn = Pick<SpeechTurn, 'startSec' | 'endSec' | 'speaker'> & {
  readonly recording: string;
};

function lostTurns({ diarization, namesRecording }: Content, back: readonly ReadTurn[]): string[] {
  const { turns, recording, speakers } = diarization;
  const losses: string[] = [];
  const missing = turns.length - back.length;
  if (missing > 0) {
    losses.push(
      `${missing} of ${turns.length} turns are joined to others of their speaker or too short to be written.`,
    );
  }
  const labels = new Set(back.map(({ speaker }) => speaker));
  const changed = speakers.filter(({ label, turnCount }) => turnCount > 0 && !labels.has(label));
  if (changed.length > 0 && back.length > 0) {
    const names = changed.slice(0, SHOWN_NAMES).map(({ label }) => JSON.stringify(label));
    const more = changed.length > SHOWN_NAMES ? ', ...' : '';
    losses.push(`Names are written in another way: ${names.join(', ')}${more}.`);
  }
  if (namesRecording && back.length > 0 && back[0]!.recording !== recording) {
    losses.push(
      back[0]!.recording === PLACEHOLDER
        ? `The name of the recording (${recording}) is not in the file.`
        : `The recording is called ${back[0]!.recording} instead of ${recording}.`,
    );
  }
  const roundedMs = missing === 0 ? largestShiftSec(turns, back) * MS_PER_SEC : 0;
  if (roundedMs > 1e-3) losses.push(`Times are rounded, by up to ${roundedMs.toFixed(2)} ms.`);
  return losses;
}

function largestShiftSec(turns: readonly ReadTurnTimes[], back: readonly ReadTurnTimes[]): number {
  const [before, after] = [timesOf(turns), timesOf(back)];
  return before.reduce((most, sec, i) => Math.max(most, Math.abs(sec - after[i]!)), 0);
}

type ReadTurnTimes = Pick<SpeechTurn, 'startSec' | 'endSec'>;

function timesOf(turns: readonly ReadTurnTimes[]): Float64Array {
  return Float64Array.from(turns.flatMap(({ startSec, endSec }) => [startSec, endSec])).sort();
}

function sentenceList(parts: readonly string[]): string {
  return parts.length < 2
    ? parts.join('')
    : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`;
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
