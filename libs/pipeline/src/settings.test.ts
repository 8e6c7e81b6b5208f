import { describe, expect, it } from 'vitest';
import { PROFILES, resolveSettings, SETTINGS_VOCABULARY } from './settings.js';

describe('the settings of a run', () => {
  it('come from the profile where nothing was chosen', () => {
    expect(resolveSettings({})).toEqual(resolveSettings({ profile: 'lite' }));
    expect(resolveSettings({ profile: 'modern' })).toEqual({
      profile: 'modern',
      faceDetector: 'yunet',
      asd: 'lr-asd',
      vad: 'silero',
      speakerModel: 'recording',
      faceModel: 'faceres',
      detectEvery: resolveSettings({}).detectEvery,
      offscreen: 'cluster',
      precision: 'float32',
    });
  });

  it('have a known name for every choice, whatever the profile', () => {
    for (const profile of PROFILES) {
      const settings = resolveSettings({ profile });
      for (const [choice, names] of Object.entries(SETTINGS_VOCABULARY)) {
        expect(names, choice).toContain(settings[choice as keyof typeof SETTINGS_VOCABULARY]);
      }
      expect(settings.precision).toBe('float32');
    }
  });

  it('keep what was chosen', () => {
    const settings = resolveSettings({ profile: 'modern', precision: 'int8', vad: undefined });
    expect(settings).toMatchObject({ precision: 'int8', faceDetector: 'yunet', vad: 'silero' });
  });

  it('let the number of speakers be given with the profile modern', () => {
    expect(resolveSettings({ profile: 'modern', numSpeakers: 3 }).numSpeakers).toBe(3);
    expect(() => resolveSettings({ profile: 'voxconverse', numSpeakers: 3 })).toThrow(
      'cannot be given',
    );
  });
});
