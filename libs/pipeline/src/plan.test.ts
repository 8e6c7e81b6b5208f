import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkRange, planVideo, soundRange, type Plan, type StepName } from './plan.js';
import { ACTIVE_SPEAKER_DETECTORS, resolveSettings, SPEAKER_MODELS } from './settings.js';

const lite = resolveSettings({});
const voxconverse = resolveSettings({ profile: 'voxconverse' });
const anySettings = fc.record({
  asd: fc.constantFrom(...ACTIVE_SPEAKER_DETECTORS),
  speakerModel: fc.constantFrom(...SPEAKER_MODELS),
});

const stepsOf = (plan: Plan): StepName[] => plan.steps.map(({ step }) => step);
const countOf = (plan: Plan, name: StepName): number =>
  plan.steps.find(({ step }) => step === name)!.count;

describe('planVideo', () => {
  it('covers every frame once, whatever the chunk size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 2000 }),
        anySettings,
        (frameCount, chunkFrames, settings) => {
          const plan = planVideo({ frameCount, sampleCount: 1000, chunkFrames, settings });
          let next = 0;
          for (let index = 0; index < countOf(plan, 'detectFaces'); index++) {
            const range = chunkRange(plan, index);
            expect(range.startFrame).toBe(next);
            expect(range.endFrame).toBeGreaterThan(range.startFrame);
            next = range.endFrame;
          }
          expect(next).toBe(frameCount);
        },
      ),
    );
  });

  it('covers every sample once, also where the sound is longer than the picture', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 1, max: 2000 }),
        (sampleCount, chunkFrames) => {
          const settings = voxconverse;
          const plan = planVideo({ frameCount: 10, sampleCount, chunkFrames, settings });
          let next = 0;
          for (let index = 0; index < countOf(plan, 'embedVoiceWindows'); index++) {
            const range = soundRange(plan, index);
            expect(range.startSample).toBe(next);
            expect(range.endSample).toBeGreaterThan(range.startSample);
            next = range.endSample;
          }
          expect(next).toBe(sampleCount);
        },
      ),
    );
  });

  it('has only sound steps without a picture and nothing without sound', () => {
    const input = { frameCount: 0, sampleCount: 32_000, chunkFrames: 100 };
    expect(stepsOf(planVideo({ ...input, settings: lite }))).toEqual([
      'detectSpeech',
      'embedVoices',
      'diarize',
    ]);
    expect(stepsOf(planVideo({ ...input, settings: voxconverse }))).toEqual([
      'detectSpeech',
      'embedVoiceWindows',
      'diarize',
    ]);
    const silent = { frameCount: 50, sampleCount: 0, chunkFrames: 100, settings: lite };
    expect(planVideo(silent).steps).toEqual([]);
  });

  it('has the steps that the settings ask for', () => {
    const input = { frameCount: 50, sampleCount: 32_000, chunkFrames: 100 };
    expect(stepsOf(planVideo({ ...input, settings: lite }))).toEqual([
      'detectSpeech',
      'embedVoices',
      'detectFaces',
      'linkTracks',
      'readLips',
      'embedFaces',
      'scoreLips',
      'diarize',
    ]);
    expect(stepsOf(planVideo({ ...input, settings: voxconverse }))).toEqual([
      'detectSpeech',
      'embedVoiceWindows',
      'detectFaces',
      'linkTracks',
      'readLips',
      'embedFaces',
      'detectTrackSpeech',
      'diarize',
    ]);
    const mixed = resolveSettings({ profile: 'voxconverse', asd: 'lr-asd' });
    expect(stepsOf(planVideo({ ...input, settings: mixed }))).toContain('scoreLips');
  });
});
