import { AvdError, type SpeechTurn } from '@avd/domain';
import type { DiarizationDocument } from '@avd/render';
import { speakersOf, type Content } from './content.js';

const SCHEMA = 'avd/diarization/1';

/** True for JSON that says it is a diarization.json, of any version. */
export function isDocument(value: unknown): boolean {
  return isObject(value) && String(value['schema']).startsWith('avd/diarization/');
}

/**
 * Reads diarization.json. What other formats need is checked; the rest is passed on as it is.
 * @throws AvdError invalidInput BAD_JSON naming the part that is wrong
 */
export function readDocument(value: unknown): Content {
  if (!isObject(value) || value['schema'] !== SCHEMA) {
    throw bad(`this is not a diarization.json of avd: its "schema" is not "${SCHEMA}"`);
  }
  const { recording, durationSec, turns, speakers, notices, shots, tracks } = value;
  if (typeof recording !== 'string') throw bad('"recording" is not a text');
  if (!isTime(durationSec)) throw bad('"durationSec" is not a number of at least 0');
  if (!Array.isArray(turns)) throw bad('"turns" is not a list');
  const checked = turns.map(checkTurn);
  const lists = { notices: notices ?? [], shots: shots ?? [], tracks: tracks ?? [] };
  for (const [name, list] of Object.entries(lists)) {
    if (!Array.isArray(list)) throw bad(`"${name}" is not a list`);
  }
  const document = {
    ...value,
    ...lists,
    turns: checked,
    speakers: isSpeakerList(speakers, checked) ? speakers : speakersOf(checked),
  } as unknown as DiarizationDocument;
  return { diarization: document, document, namesRecording: true, notices: [] };
}

function checkTurn(turn: unknown, index: number): SpeechTurn {
  const where = `turn ${index + 1}`;
  if (!isObject(turn)) throw bad(`${where} is not an object`);
  const { startSec, endSec, speaker, confidence, evidence } = turn;
  if (!isTime(startSec) || !isTime(endSec) || endSec < startSec) {
    throw bad(`${where} has no readable times`);
  }
  if (typeof speaker !== 'string' || speaker === '') throw bad(`${where} names no speaker`);
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1)) {
    throw bad(`the confidence of ${where} is not a number from 0 to 1`);
  }
  return { ...turn, evidence: isObject(evidence) ? evidence : {} } as unknown as SpeechTurn;
}

/** Somebody may have edited the turns by hand: the list of speakers must still name all of them. */
function isSpeakerList(list: unknown, turns: readonly SpeechTurn[]): boolean {
  if (!Array.isArray(list)) return false;
  const labels = new Set(list.map((entry) => (isObject(entry) ? entry['label'] : undefined)));
  return turns.every(({ speaker }) => labels.has(speaker));
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(what: string): AvdError {
  return new AvdError('invalidInput', 'BAD_JSON', `json: ${what}.`);
}
