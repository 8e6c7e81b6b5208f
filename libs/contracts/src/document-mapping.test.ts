import { describe, expect, it } from 'vitest';
import { documentToDiarization, type DiarizationDocument } from './document-mapping.js';
import { Diarization } from './gen/avdiarization/v1/diarization.js';

const document: DiarizationDocument = {
  recording: 'talk',
  durationSec: 10.24,
  turns: [
    {
      startSec: 0.04,
      endSec: 2.5,
      speaker: 'spk00',
      confidence: 0.75,
      evidence: { lipSync: 0.5, voice: 0 },
      trackIndex: 0,
    },
    { startSec: 3, endSec: 4, speaker: 'unknown', confidence: 0.5, evidence: {} },
  ],
  speakers: [{ label: 'spk00', trackIndexes: [0], talkTimeSec: 2.46, turnCount: 1 }],
  notices: ['The sound begins late.'],
  shots: [{ startSec: 0, endSec: 10.24 }],
  tracks: [
    { trackIndex: 0, startSec: 0, endSec: 5, speaker: 'spk00' },
    { trackIndex: 1, startSec: 5, endSec: 6, speaker: null },
  ],
  settings: { profile: 'lite', detectEvery: 4 },
};

describe('the result of a job', () => {
  const name = 'diarizationJobs/a/diarization';
  const models = [{ name: 'facemesh', sha256: 'ab'.repeat(32) }];
  const sent = Diarization.encode(documentToDiarization(document, { name, models })).finish();
  const result = Diarization.decode(sent);

  it('tells what the document tells', () => {
    expect(result).toMatchObject({
      name,
      recording: 'talk',
      duration: { seconds: 10, nanos: 240_000_000 },
      notices: ['The sound begins late.'],
      config: { profile: 'lite', detectEvery: 4, chunkFrames: undefined, asd: '' },
      models,
    });
    expect(result.shots).toEqual([
      { startOffset: { seconds: 0, nanos: 0 }, endOffset: { seconds: 10, nanos: 240_000_000 } },
    ]);
    expect(result.speakers).toEqual([
      {
        label: 'spk00',
        trackIndexes: [0],
        talkTime: { seconds: 2, nanos: 460_000_000 },
        turnCount: 1,
      },
    ]);
  });

  it('tells cues that say no from cues that were not used', () => {
    expect(result.turns[0]).toEqual({
      startOffset: { seconds: 0, nanos: 40_000_000 },
      endOffset: { seconds: 2, nanos: 500_000_000 },
      speaker: 'spk00',
      confidence: 0.75,
      evidence: { lipSync: 0.5, voice: 0, face: undefined },
      trackIndex: 0,
    });
  });

  it('tells the first track from no track, and a face of nobody from a face of somebody', () => {
    expect(result.turns.map(({ trackIndex }) => trackIndex)).toEqual([0, undefined]);
    expect(result.tracks.map(({ speaker }) => speaker)).toEqual(['spk00', undefined]);
  });
});
