import { describe, expect, it } from 'vitest';
import { planVideo } from '../plan.js';
import { resolveSettings, type DiarizeChoices } from '../settings.js';
import { requiredModels } from './step-table.js';

describe('the networks of a plan', () => {
  const namesOf = (choices: DiarizeChoices, frameCount: number): string[] => {
    const settings = resolveSettings(choices);
    const plan = planVideo({ frameCount, sampleCount: 32_000, chunkFrames: 100, settings });
    return requiredModels(plan, settings).sort();
  };

  it('are those of the chosen parts', () => {
    expect(namesOf({ profile: 'voxconverse' }, 50)).toEqual([
      'resnetse34v2',
      's3fd',
      'syncnet-audio',
      'syncnet-lip',
      'vggface-resnet50',
    ]);
    expect(namesOf({}, 50)).toEqual(['blazeface', 'facemesh', 'faceres', 'silero-vad']);
    expect(namesOf({ asd: 'lr-asd', faceDetector: 'yunet' }, 50)).toEqual([
      'faceres',
      'lr-asd-ava',
      'silero-vad',
      'yunet',
    ]);
  });

  it('are only those for sound where there is no picture', () => {
    expect(namesOf({ profile: 'voxconverse', speakerModel: 'ecapa-tdnn' }, 0)).toEqual([
      'ecapa-tdnn',
    ]);
  });
});
