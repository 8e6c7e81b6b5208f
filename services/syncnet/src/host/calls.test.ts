import { stageV1 } from '@avd/contracts';
import { describe, expect, it } from 'vitest';
import { readLipsCall, scoreLipsCall } from './calls.js';

const facts = { video: { width: 640, height: 360, frameCount: 200 } };
const request = (fields: object) => stageV1.ReadLipsRequest.fromPartial(fields);

describe('syncnet.ReadLips called from outside', () => {
  it('reads the lips of the whole recording where no piece is named', () => {
    expect(readLipsCall.specOf(request({ asd: 'lips' }), facts)).toEqual({
      range: { startFrame: 0, endFrame: 200 },
      asd: 'lips',
    });
  });

  it('knows how LR-ASD listens where nothing is said of it', () => {
    expect(readLipsCall.specOf(request({ asd: 'lr-asd' }), facts)).toMatchObject({
      lrAsd: { model: 'lr-asd-ava', durationsSec: [6, 10] },
    });
    const lrAsd = { model: 'lr-asd-talkset', durationsSec: [1, 2.5] };
    expect(readLipsCall.specOf(request({ asd: 'lr-asd', lrAsd }), facts)).toMatchObject({ lrAsd });
  });

  it.each(['', 'guess'])('refuses the active speaker detection "%s"', (asd) => {
    const expected = expect.objectContaining({
      ...{ kind: 'invalidInput', reason: 'UNKNOWN_ASD', details: { field: 'asd' } },
    }) as Error;
    expect(() => readLipsCall.specOf(request({ asd }), facts)).toThrow(expected);
    expect(() =>
      scoreLipsCall.specOf(stageV1.ScoreLipsRequest.fromPartial({ asd }), facts),
    ).toThrow(expected);
  });
});
