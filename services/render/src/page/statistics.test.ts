import { describe, expect, it } from 'vitest';
import { exampleDocument } from './testing/example-document.js';
import { conversationOf } from './corrections.js';
import { statisticsOf } from './statistics.js';

describe('statisticsOf', () => {
  const all = statisticsOf(conversationOf(exampleDocument()));

  it('divides the recording into speech, of which some overlaps, and silence', () => {
    expect(all.speechSec).toBeCloseTo(5.9, 9);
    expect(all.overlapSec).toBeCloseTo(0.2, 9);
    expect(all.silenceSec).toBeCloseTo(2.1, 9);
    expect(all.turnCount).toBe(4);
  });

  it('gives each speaker the figures of its turns', () => {
    const [ann, ben, voice] = all.speakers;
    expect(ann).toMatchObject({ turnCount: 2, longestTurnSec: 2 });
    expect(ann!.talkSec).toBeCloseTo(2.8, 9);
    expect(ann!.meanTurnSec).toBeCloseTo(1.4, 9);
    expect(ann!.overlapSec).toBeCloseTo(0.2, 9);
    expect(ben!.overlapSec).toBeCloseTo(0.2, 9);
    expect(voice!.overlapSec).toBe(0);
    expect(ann!.confidence).toBeCloseTo((2 * 0.95 + 0.8 * 0.5) / 2.8, 9);
    expect(ann!.share + ben!.share + voice!.share).toBeCloseTo(1, 9);
  });

  it('does not count turns that touch as overlap', () => {
    const turns = [
      { startSec: 0, endSec: 1, speaker: 'a', confidence: 1, evidence: {} },
      { startSec: 1, endSec: 2, speaker: 'b', confidence: 1, evidence: {} },
    ];
    const document = { ...exampleDocument(), turns, speakers: [] };
    expect(statisticsOf(conversationOf(document)).overlapSec).toBe(0);
  });

  it('has nothing to say about a recording without turns', () => {
    const silent = statisticsOf(conversationOf({ ...exampleDocument(), turns: [], speakers: [] }));
    expect(silent).toMatchObject({ speakers: [], speechSec: 0, silenceSec: 8, turnCount: 0 });
  });
});
