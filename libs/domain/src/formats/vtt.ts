import type { Diarization } from '../diarization.js';
import type { RttmTurn } from '../rttm.js';
import { formatCues, parseCues } from './cues.js';
import { badFormat, type DiarizationFormat } from './format.js';
import { escapeMarkup, unescapeMarkup } from './markup.js';
import { oneLine } from './turns.js';

function writeVtt(diarization: Diarization): string {
  const cues = formatCues(diarization, '.', (speaker) => {
    const label = escapeMarkup(oneLine(speaker));
    return `<v ${label}>${label}</v>`;
  });
  return cues === '' ? 'WEBVTT\n' : `WEBVTT\n\n${cues}`;
}

/** The speaker is the voice (`<v Name>`) of a cue, else its text; a cue with several voices gives several turns. */
function readVtt(text: string, recording: string): RttmTurn[] {
  return parseCues(text, 'vtt').flatMap(({ startSec, endSec, lines, lineNumber }) => {
    const body = lines.join(' ');
    const voices = [...body.matchAll(/<v(?:\.[^\s>]*)*\s+([^>]+)>/g)].map((match) => match[1]!);
    const labels = voices.length > 0 ? voices : [body.replace(/<[^>]*>/g, '')];
    return labels.map((label) => {
      const speaker = oneLine(unescapeMarkup(label));
      if (speaker === '') throw badFormat('vtt', `the cue at line ${lineNumber} names no speaker`);
      return { recording, speaker, startSec, endSec };
    });
  });
}

/** WebVTT (W3C): one cue a turn with the speaker as its voice and its text. */
export const vttFormat: DiarizationFormat = {
  name: 'vtt',
  extension: '.vtt',
  mediaType: 'text/vtt',
  write: writeVtt,
  read: readVtt,
};
