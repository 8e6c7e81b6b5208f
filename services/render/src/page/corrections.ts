import type { SpeechTurn } from '@avd/domain';
import type { DiarizationDocument } from './report-data.js';

/** A turn while the page is open: it keeps its number whatever is changed. */
export interface PageTurn extends Omit<SpeechTurn, 'speaker'> {
  readonly turnId: number;
  readonly speakerId: number;
}

export interface PageSpeaker {
  readonly speakerId: number;
  readonly label: string;
  readonly trackIndexes: readonly number[];
}

/** Who spoke when, as corrected so far. Never changed in place: every correction gives a new value. */
export interface Conversation {
  /** By start, then end, then number. */
  readonly turns: readonly PageTurn[];
  readonly speakers: readonly PageSpeaker[];
  readonly durationSec: number;
}

/** No turn can be made shorter. */
export const MIN_TURN_SEC = 0.05;

export function conversationOf({
  turns,
  speakers,
  durationSec,
}: DiarizationDocument): Conversation {
  const labels = [
    ...new Set(
      [...speakers, ...turns.map(({ speaker }) => ({ label: speaker }))].map(({ label }) => label),
    ),
  ];
  const idOf = new Map(labels.map((label, speakerId) => [label, speakerId]));
  return {
    durationSec,
    turns: inOrder(
      turns.map(({ speaker, ...turn }, turnId) => ({
        ...turn,
        turnId,
        speakerId: idOf.get(speaker)!,
      })),
    ),
    speakers: labels.map((label, speakerId) => ({
      speakerId,
      label,
      trackIndexes: speakers.find((speaker) => speaker.label === label)?.trackIndexes ?? [],
    })),
  };
}

/** Why the label cannot be given to this speaker, in words for the user; undefined when it can. */
export function labelProblem(
  { speakers }: Conversation,
  speakerId: number,
  label: string,
): string | undefined {
  if (label.trim() === '') return 'A speaker needs a name.';
  const taken = speakers.find(
    (other) => other.speakerId !== speakerId && other.label === label.trim(),
  );
  return taken === undefined
    ? undefined
    : `There is a speaker named "${taken.label}" already: merge the two instead.`;
}

/** @returns the conversation itself when `labelProblem` finds one */
export function renameSpeaker(
  conversation: Conversation,
  speakerId: number,
  label: string,
): Conversation {
  if (labelProblem(conversation, speakerId, label) !== undefined) return conversation;
  return {
    ...conversation,
    speakers: conversation.speakers.map((speaker) =>
      speaker.speakerId === speakerId ? { ...speaker, label: label.trim() } : speaker,
    ),
  };
}

/** Gives all turns and faces of one speaker to another; turns of theirs that overlap become one. */
export function mergeSpeakers(
  conversation: Conversation,
  fromId: number,
  intoId: number,
): Conversation {
  const { speakers, turns } = conversation;
  const from = speakers.find(({ speakerId }) => speakerId === fromId);
  if (from === undefined || fromId === intoId) return conversation;
  const given = turns.map((turn) =>
    turn.speakerId === fromId ? { ...turn, speakerId: intoId } : turn,
  );
  return {
    ...conversation,
    speakers: speakers
      .filter(({ speakerId }) => speakerId !== fromId)
      .map((speaker) =>
        speaker.speakerId === intoId
          ? {
              ...speaker,
              trackIndexes: [...speaker.trackIndexes, ...from.trackIndexes].sort((a, b) => a - b),
            }
          : speaker,
      ),
    turns: joinOverlapping(given, intoId),
  };
}

/** Moves the boundaries of a turn, as far as the recording and the neighbouring turns of its speaker leave room. */
export function moveTurn(
  conversation: Conversation,
  turnId: number,
  startSec: number,
  endSec: number,
): Conversation {
  const turn = conversation.turns.find((other) => other.turnId === turnId);
  if (turn === undefined) return conversation;
  let earliestSec = 0;
  let latestSec = conversation.durationSec;
  for (const other of conversation.turns) {
    if (other.speakerId !== turn.speakerId || other.turnId === turnId) continue;
    if (other.endSec <= turn.startSec) earliestSec = Math.max(earliestSec, other.endSec);
    if (other.startSec >= turn.endSec) latestSec = Math.min(latestSec, other.startSec);
  }
  const isStartMoved = startSec !== turn.startSec;
  const start = toMillis(
    clamp(startSec, earliestSec, (isStartMoved ? turn.endSec : latestSec) - MIN_TURN_SEC),
  );
  const end = toMillis(clamp(endSec, start + MIN_TURN_SEC, latestSec));
  return changeTurn(conversation, { ...turn, startSec: start, endSec: end });
}

/** Gives a turn to a speaker; what overlaps with a turn of that speaker is joined to it. */
export function assignTurn(
  conversation: Conversation,
  turnId: number,
  speakerId: number,
): Conversation {
  const turn = conversation.turns.find((other) => other.turnId === turnId);
  if (turn === undefined || turn.speakerId === speakerId) return conversation;
  const changed = changeTurn(conversation, { ...turn, speakerId });
  return { ...changed, turns: joinOverlapping(changed.turns, speakerId) };
}

/** Adds a speaker nobody has seen or heard yet, under the first free label `speaker N`. */
export function addSpeaker(conversation: Conversation): {
  readonly conversation: Conversation;
  readonly speakerId: number;
} {
  const { speakers, turns } = conversation;
  const labels = new Set(speakers.map(({ label }) => label));
  let number = speakers.length + 1;
  while (labels.has(`speaker ${number}`)) number++;
  const used = [...speakers, ...turns].map(({ speakerId }) => speakerId);
  const speakerId = Math.max(-1, ...used) + 1;
  const speaker = { speakerId, label: `speaker ${number}`, trackIndexes: [] };
  return { conversation: { ...conversation, speakers: [...speakers, speaker] }, speakerId };
}

/** Adds a turn where speech was missed. */
export function addTurn(
  conversation: Conversation,
  speakerId: number,
  startSec: number,
  endSec: number,
): { readonly conversation: Conversation; readonly turnId: number } {
  const turnId =
    conversation.turns.reduce((highest, turn) => Math.max(highest, turn.turnId), -1) + 1;
  const turn: PageTurn = {
    turnId,
    speakerId,
    startSec: toMillis(startSec),
    endSec: toMillis(endSec),
    confidence: 1,
    evidence: {},
  };
  const turns = joinOverlapping(inOrder([...conversation.turns, turn]), speakerId);
  // Joined turns go under the number of the earliest.
  const kept = turns.find(
    (other) =>
      other.speakerId === speakerId && other.startSec <= startSec && other.endSec >= endSec - 1e-3,
  );
  return { conversation: { ...conversation, turns }, turnId: kept?.turnId ?? turnId };
}

export function removeTurn(conversation: Conversation, turnId: number): Conversation {
  return { ...conversation, turns: conversation.turns.filter((turn) => turn.turnId !== turnId) };
}

function changeTurn(conversation: Conversation, turn: PageTurn): Conversation {
  const turns = conversation.turns.map((other) => (other.turnId === turn.turnId ? turn : other));
  return { ...conversation, turns: inOrder(turns) };
}

function joinOverlapping(turns: readonly PageTurn[], speakerId: number): PageTurn[] {
  const joined: PageTurn[] = [];
  let lastAt = -1;
  for (const turn of turns) {
    const last = joined[lastAt];
    if (turn.speakerId === speakerId && last !== undefined && turn.startSec < last.endSec) {
      joined[lastAt] = joinTwo(last, turn);
      continue;
    }
    if (turn.speakerId === speakerId) lastAt = joined.length;
    joined.push(turn);
  }
  return joined;
}

/** The earlier turn, made longer; its confidence becomes the mean over the time of both. */
function joinTwo(first: PageTurn, second: PageTurn): PageTurn {
  const [firstSec, secondSec] = [first.endSec - first.startSec, second.endSec - second.startSec];
  const confidence =
    (first.confidence * firstSec + second.confidence * secondSec) / (firstSec + secondSec);
  return {
    ...first,
    endSec: Math.max(first.endSec, second.endSec),
    confidence: toMillis(confidence),
  };
}

function inOrder(turns: readonly PageTurn[]): PageTurn[] {
  return [...turns].sort(
    (a, b) => a.startSec - b.startSec || a.endSec - b.endSec || a.turnId - b.turnId,
  );
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.max(lowest, Math.min(highest, value));
}

/** Three decimals, as every format keeps at least. */
function toMillis(value: number): number {
  return Math.round(value * 1000) / 1000;
}
