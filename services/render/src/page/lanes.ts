import type { Conversation, PageSpeaker, PageTurn } from './corrections.js';

/** One row of the timeline. */
export interface Lane {
  readonly speaker: PageSpeaker;
  /** Ascending. */
  readonly turns: readonly PageTurn[];
}

export function lanesOf({ speakers, turns }: Conversation): Lane[] {
  const bySpeaker = new Map<number, PageTurn[]>(speakers.map(({ speakerId }) => [speakerId, []]));
  for (const turn of turns) bySpeaker.get(turn.speakerId)?.push(turn);
  return speakers.map((speaker) => ({ speaker, turns: bySpeaker.get(speaker.speakerId)! }));
}

export const RULER_PX = 64;
export const LANE_PX = 48;
