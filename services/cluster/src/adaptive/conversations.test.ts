import { readFileSync } from 'node:fs';
import path from 'node:path';
import { hasShared, sharedDir } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { diarizeAdaptive } from './diarize-adaptive.js';
import { agreementOf } from './testing/agreement.js';
import { speechOf, type FakeTurn } from './testing/fake-recording.js';
import { voicesOfWav } from './testing/voices-of-wav.js';

const dir = path.join(sharedDir, 'media', 'conversations');

/** Turns of an RTTM file; speakers are numbered. */
function readTurns(name: string): FakeTurn[] {
  const names: string[] = [];
  return readFileSync(path.join(dir, `${name}.rttm`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('SPEAKER'))
    .map((line) => {
      const fields = line.split(/\s+/);
      const speaker = fields[7]!;
      if (!names.includes(speaker)) names.push(speaker);
      const startSec = Number(fields[3]);
      return { startSec, endSec: startSec + Number(fields[4]), who: names.indexOf(speaker) };
    });
}

describe.skipIf(!hasShared)(
  'diarizeAdaptive on real meetings, far microphones, sound alone',
  () => {
    // Two people at once count against it: sound alone gives one. One speaker throughout would agree on 0.6 of dev00 and trn04.
    it.each([
      ['trn03', 0.9],
      ['trn04', 0.7],
      ['dev00', 0.8],
    ])('agrees with the annotation of %s for at least %d of the speech', (name, least) => {
      const turns = readTurns(name);
      const input = {
        speech: speechOf(turns),
        voices: [voicesOfWav(path.join(dir, `${name}.wav`))],
        faces: [],
      };
      const result = diarizeAdaptive(input, { offscreen: 'cluster' });
      const agreement = agreementOf(
        turns.map(({ who, ...span }) => ({ ...span, name: who })),
        result.turns.map(({ speaker, ...span }) => ({ ...span, name: speaker })),
      );
      expect(agreement).toBeGreaterThan(least);
    });
  },
);
