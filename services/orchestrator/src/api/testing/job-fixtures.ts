import { secToDuration, stageV1 } from '@avd/contracts';
import { INITIAL_PLAN_STATE, resolveSettings } from '@avd/pipeline';
import type { JobRecord } from '../../job/job-record.js';

/** A job which waits. */
export function jobRecord(changes: Partial<JobRecord> = {}): JobRecord {
  return {
    id: 'job-one',
    source: { uri: 'https://media.example.org/talk.mp4' },
    fileName: 'talk.mp4',
    config: {},
    settings: resolveSettings({}),
    chunkFrames: 50,
    labels: {},
    state: 'queued',
    createTime: '2026-11-22T10:00:00.000Z',
    updateTime: '2026-11-22T10:00:00.000Z',
    notices: [],
    progress: INITIAL_PLAN_STATE,
    steps: {},
    models: [],
    ...changes,
  };
}

/** A recording of 8 s: 200 frames. */
export const MEDIA: stageV1.MediaRef = stageV1.MediaRef.fromPartial({
  uri: 'https://media.example.org/talk.mp4',
  sha256: 'ab'.repeat(32),
  width: 640,
  height: 360,
  frameCount: 200,
  sampleCount: 128_000,
  duration: secToDuration(8),
});

/** A result with two speakers. */
export const DOCUMENT = {
  schema: 'avd/diarization/1',
  recording: 'talk',
  durationSec: 8,
  turns: [
    {
      startSec: 0.5,
      endSec: 2,
      speaker: 'spk00',
      confidence: 0.9,
      evidence: { lipSync: 0.8 },
      trackIndex: 0,
    },
    { startSec: 2, endSec: 7.25, speaker: 'spk01', confidence: 0.7, evidence: { voice: 0.6 } },
  ],
  speakers: [
    { label: 'spk00', trackIndexes: [0], talkTimeSec: 1.5, turnCount: 1 },
    { label: 'spk01', trackIndexes: [], talkTimeSec: 5.25, turnCount: 1 },
  ],
  notices: ['<b>Nothing</b> to see.'],
  shots: [{ startSec: 0, endSec: 8 }],
  tracks: [{ trackIndex: 0, startSec: 0, endSec: 4, speaker: 'spk00' }],
  settings: resolveSettings({}),
};
