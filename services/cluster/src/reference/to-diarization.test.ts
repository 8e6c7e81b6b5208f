import { describe, expect, it } from 'vitest';
import { referenceToDiarization } from './to-diarization.js';
import type { ReferenceResult } from './types.js';

const result: ReferenceResult = {
  entries: [
    { key: '0', label: 'ID_0/3', startFrame: 100, endFrame: 150, trackIndex: 4, evidence: 1.2 },
    { key: '1_0', label: 'unknown', startFrame: 25, endFrame: 50, evidence: 0.4 },
    { key: '5_0', label: 'ID_0/3', startFrame: 200, endFrame: 225, evidence: 0.75 },
  ],
  speakers: [{ label: 'ID_0/3', faceIds: [0, 3] }],
  notices: ['A notice.'],
};
const tracks = [
  { trackIndex: 4, faceId: 3 },
  { trackIndex: 2, faceId: 0 },
  { trackIndex: 0, faceId: 1 },
];

describe('referenceToDiarization', () => {
  const diarization = referenceToDiarization(result, tracks, { name: 'clip', durationSec: 12 });

  it('lists turns by time with the evidence for them', () => {
    expect(diarization.turns).toEqual([
      { speaker: 'unknown', startSec: 1, endSec: 2, confidence: 0, evidence: { voice: 0.4 } },
      {
        speaker: 'ID_0/3',
        startSec: 4,
        endSec: 6,
        confidence: 1,
        evidence: { lipSync: 1 },
        trackIndex: 4,
      },
      { speaker: 'ID_0/3', startSec: 8, endSec: 9, confidence: 0.75, evidence: { voice: 0.75 } },
    ]);
  });

  it('sums up the speakers who speak, in order of appearance', () => {
    expect(diarization.speakers).toEqual([
      { label: 'unknown', trackIndexes: [], talkTimeSec: 1, turnCount: 1 },
      { label: 'ID_0/3', trackIndexes: [2, 4], talkTimeSec: 3, turnCount: 2 },
    ]);
  });

  it('keeps name, duration and notices', () => {
    expect(diarization).toMatchObject({
      recording: 'clip',
      durationSec: 12,
      notices: ['A notice.'],
    });
  });
});
