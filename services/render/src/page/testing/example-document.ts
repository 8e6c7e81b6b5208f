import type { DiarizationDocument } from '../report-data.js';

export const EXAMPLE_DURATION_SEC = 8;

/** Two people who are seen and one who is only heard. */
export function exampleDocument(
  labels: readonly string[] = ['Ann', 'Ben', 'Voice'],
): DiarizationDocument {
  const [ann = '', ben = '', voice = ''] = labels;
  return {
    schema: 'avd/diarization/1',
    recording: 'talk',
    durationSec: EXAMPLE_DURATION_SEC,
    turns: [
      {
        startSec: 0.5,
        endSec: 2.5,
        speaker: ann,
        confidence: 0.95,
        evidence: { lipSync: 0.9, voice: 1 },
        trackIndex: 0,
      },
      {
        startSec: 2.8,
        endSec: 4.6,
        speaker: ben,
        confidence: 0.7,
        evidence: { lipSync: 0.6 },
        trackIndex: 1,
      },
      {
        startSec: 4.4,
        endSec: 5.2,
        speaker: ann,
        confidence: 0.5,
        evidence: { voice: 0.5 },
        trackIndex: 0,
      },
      { startSec: 6, endSec: 7.5, speaker: voice, confidence: 0.4, evidence: { voice: 0.4 } },
    ],
    speakers: [
      { label: ann, trackIndexes: [0], talkTimeSec: 2.8, turnCount: 2 },
      { label: ben, trackIndexes: [1], talkTimeSec: 1.8, turnCount: 1 },
      { label: voice, trackIndexes: [], talkTimeSec: 1.5, turnCount: 1 },
    ],
    notices: [],
    shots: [{ startSec: 0, endSec: EXAMPLE_DURATION_SEC }],
    tracks: [
      { trackIndex: 0, startSec: 0, endSec: EXAMPLE_DURATION_SEC, speaker: ann },
      { trackIndex: 1, startSec: 0, endSec: EXAMPLE_DURATION_SEC, speaker: ben },
    ],
    settings: { profile: 'lite' },
  };
}
