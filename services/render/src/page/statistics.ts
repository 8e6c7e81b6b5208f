import type { Conversation } from './corrections.js';

export interface SpeakerStatistics {
  readonly speakerId: number;
  readonly talkSec: number;
  /** Of the talk time of all. */
  readonly share: number;
  readonly turnCount: number;
  readonly meanTurnSec: number;
  readonly longestTurnSec: number;
  /** While somebody else speaks too. */
  readonly overlapSec: number;
  /** Mean over the talk time. */
  readonly confidence: number;
}

export interface ConversationStatistics {
  /** In the order of the speakers. */
  readonly speakers: readonly SpeakerStatistics[];
  /** Time in which at least one person speaks. */
  readonly speechSec: number;
  /** Time in which at least two speak. */
  readonly overlapSec: number;
  readonly silenceSec: number;
  readonly turnCount: number;
}

export function statisticsOf({
  turns,
  speakers,
  durationSec,
}: Conversation): ConversationStatistics {
  const overlaps = new Map<number, number>();
  let speechSec = 0;
  let overlapSec = 0;
  const edges = turns.flatMap(({ speakerId, startSec, endSec }) => [
    { timeSec: startSec, speakerId, change: 1 },
    { timeSec: endSec, speakerId, change: -1 },
  ]);
  // At the same moment turns end before others begin, so that neighbours do not overlap.
  edges.sort((a, b) => a.timeSec - b.timeSec || a.change - b.change);
  const active = new Map<number, number>();
  let reachedSec = 0;
  for (const { timeSec, speakerId, change } of edges) {
    const lengthSec = timeSec - reachedSec;
    if (active.size > 0) speechSec += lengthSec;
    if (active.size > 1) {
      overlapSec += lengthSec;
      for (const id of active.keys()) overlaps.set(id, (overlaps.get(id) ?? 0) + lengthSec);
    }
    reachedSec = timeSec;
    const count = (active.get(speakerId) ?? 0) + change;
    if (count > 0) active.set(speakerId, count);
    else active.delete(speakerId);
  }
  const allTalkSec = turns.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
  return {
    speakers: speakers.map(({ speakerId }) => {
      const own = turns.filter((turn) => turn.speakerId === speakerId);
      const lengthsSec = own.map(({ startSec, endSec }) => endSec - startSec);
      const talkSec = lengthsSec.reduce((sum, length) => sum + length, 0);
      const weighted = own.reduce((sum, turn, i) => sum + turn.confidence * lengthsSec[i]!, 0);
      return {
        speakerId,
        talkSec,
        share: allTalkSec === 0 ? 0 : talkSec / allTalkSec,
        turnCount: own.length,
        meanTurnSec: own.length === 0 ? 0 : talkSec / own.length,
        longestTurnSec: Math.max(0, ...lengthsSec),
        overlapSec: overlaps.get(speakerId) ?? 0,
        confidence: talkSec === 0 ? 0 : weighted / talkSec,
      };
    }),
    speechSec,
    overlapSec,
    silenceSec: Math.max(0, durationSec - speechSec),
    turnCount: turns.length,
  };
}
