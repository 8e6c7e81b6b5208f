import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  addSpeaker,
  addTurn,
  assignTurn,
  conversationOf,
  labelProblem,
  mergeSpeakers,
  MIN_TURN_SEC,
  moveTurn,
  removeTurn,
  renameSpeaker,
  type Conversation,
} from './corrections.js';
import { correctedDocument } from './corrected-document.js';
import { exampleDocument } from './testing/example-document.js';

const document = exampleDocument();
const start = conversationOf(document);
const spans = ({ turns }: Conversation, speakerId: number) =>
  turns
    .filter((turn) => turn.speakerId === speakerId)
    .map(({ startSec, endSec }) => [startSec, endSec]);

describe('corrections', () => {
  it('change nothing until asked to', () => {
    const { corrected, ...rest } = correctedDocument(document, start);
    expect(rest).toEqual(document);
    expect(corrected).toBe(true);
  });

  it('rename a speaker in turns, speakers and tracks', () => {
    const renamed = correctedDocument(document, renameSpeaker(start, 0, ' Dr. Ann '));
    expect(renamed.turns.map(({ speaker }) => speaker)).toEqual([
      'Dr. Ann',
      'Ben',
      'Dr. Ann',
      'Voice',
    ]);
    expect(renamed.speakers[0]!.label).toBe('Dr. Ann');
    expect(renamed.tracks[0]!.speaker).toBe('Dr. Ann');
  });

  it('refuse an empty name and one that is taken', () => {
    expect(labelProblem(start, 0, '  ')).toMatch(/needs a name/);
    expect(labelProblem(start, 0, 'Ben')).toMatch(/merge/);
    expect(labelProblem(start, 0, 'Ann')).toBeUndefined();
    expect(renameSpeaker(start, 0, 'Ben')).toBe(start);
  });

  it('merge turns that overlap into one and keep the faces of both', () => {
    const merged = mergeSpeakers(start, 1, 0);
    expect(spans(merged, 0)).toEqual([
      [0.5, 2.5],
      [2.8, 5.2],
    ]);
    const result = correctedDocument(document, merged);
    expect(result.speakers.map(({ label, trackIndexes }) => [label, trackIndexes])).toEqual([
      ['Ann', [0, 1]],
      ['Voice', []],
    ]);
    expect(result.tracks[1]!.speaker).toBe('Ann');
    expect(merged.turns[1]!.confidence).toBeCloseTo((0.7 * 1.8 + 0.5 * 0.8) / 2.6, 3);
  });

  it('move a boundary only as far as the neighbours of the same speaker allow', () => {
    expect(spans(moveTurn(start, 0, 0.5, 9), 0)[0]).toEqual([0.5, 4.4]);
    expect(spans(moveTurn(start, 2, -5, 5.2), 0)[1]).toEqual([2.5, 5.2]);
    expect(spans(moveTurn(start, 3, 6, 99), 2)[0]).toEqual([6, 8]);
  });

  it('never let a turn vanish by moving a boundary', () => {
    expect(spans(moveTurn(start, 0, 7, 2.5), 0)[0]).toEqual([2.45, 2.5]);
    expect(spans(moveTurn(start, 0, 0.5, 0), 0)[0]).toEqual([0.5, 0.55]);
  });

  it('give a turn to another speaker or to a new one', () => {
    expect(spans(assignTurn(start, 3, 1), 1)).toEqual([
      [2.8, 4.6],
      [6, 7.5],
    ]);
    const added = addSpeaker(start);
    const moved = correctedDocument(document, assignTurn(added.conversation, 3, added.speakerId));
    expect(moved.speakers.map(({ label }) => label)).toEqual(['Ann', 'Ben', 'speaker 4']);
  });

  it('add and remove turns', () => {
    const added = addTurn(start, 1, 5, 5.5);
    expect(spans(added.conversation, 1)).toEqual([
      [2.8, 4.6],
      [5, 5.5],
    ]);
    expect(removeTurn(added.conversation, added.turnId).turns).toEqual(start.turns);
    const joined = addTurn(start, 1, 4, 5);
    expect(spans(joined.conversation, 1)).toEqual([[2.8, 5]]);
    expect(joined.turnId).toBe(1);
  });

  it('keep turns ordered, inside of the recording and apart for each speaker, whatever is done', () => {
    const time = fc.double({ min: -1, max: 10, noNaN: true });
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('move' as const),
        turn: fc.nat(5),
        startSec: time,
        endSec: time,
      }),
      fc.record({ kind: fc.constant('assign' as const), turn: fc.nat(5), speaker: fc.nat(2) }),
      fc.record({ kind: fc.constant('merge' as const), speaker: fc.nat(2), into: fc.nat(2) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let now = start;
        for (const one of steps) {
          if (one.kind === 'move') now = moveTurn(now, one.turn, one.startSec, one.endSec);
          else if (!now.speakers.some(({ speakerId }) => speakerId === one.speaker)) continue;
          else if (one.kind === 'assign') now = assignTurn(now, one.turn, one.speaker);
          else if (now.speakers.some(({ speakerId }) => speakerId === one.into))
            now = mergeSpeakers(now, one.speaker, one.into);
        }
        const starts = now.turns.map(({ startSec }) => startSec);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
        for (const { speakerId } of now.speakers) {
          let reachedSec = 0;
          for (const [from, to] of spans(now, speakerId)) {
            expect(from).toBeGreaterThanOrEqual(reachedSec);
            expect(to! - from!).toBeGreaterThanOrEqual(MIN_TURN_SEC - 2e-3);
            expect(to).toBeLessThanOrEqual(now.durationSec);
            reachedSec = to!;
          }
        }
      }),
    );
  });
});
