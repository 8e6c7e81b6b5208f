import { describe, expect, it } from 'vitest';
import { planVideo } from './plan.js';
import { resolveSettings, type DiarizeChoices } from './settings.js';
import { requiredModels } from './steps/step-table.js';
import { taskKeys } from './task-keys.js';

/** @param digestOf SHA-256 of a network */
function keysOf(
  choices: DiarizeChoices,
  digestOf: (name: string) => string,
): ReadonlyMap<string, string> {
  const settings = resolveSettings({ profile: 'voxconverse', ...choices });
  const plan = planVideo({ frameCount: 50, sampleCount: 32_000, chunkFrames: 100, settings });
  const names = requiredModels(plan, settings);
  const modelDigests = new Map(names.map((name) => [name, digestOf(name)]));
  return taskKeys({ plan, settings, mediaDigest: 'media', modelDigests });
}

describe('the keys of tasks', () => {
  const published = (name: string): string => `${name} as published`;
  const float32 = keysOf({}, published);

  it('are others with another network, for its task and all that build on it', () => {
    const int8 = keysOf({}, (name) => (name === 'syncnet-lip' ? 'in 8 bits' : published(name)));
    const changed = [...float32.keys()].filter((task) => int8.get(task) !== float32.get(task));
    expect(changed).toEqual(['readLips/0', 'diarize/0']);
    for (const task of ['detectFaces/0', 'linkTracks/0', 'embedFaces/0', 'detectSpeech/0']) {
      expect(float32.has(task)).toBe(true);
      expect(changed).not.toContain(task);
    }
  });

  it('do not depend on the precision itself, only on the networks it leads to', () => {
    expect(keysOf({ precision: 'int8' }, published)).toEqual(float32);
  });
});
