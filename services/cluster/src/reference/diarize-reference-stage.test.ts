import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { diarizeReferenceStage } from './diarize-reference-stage.js';
import { diarizeReference } from './diarize-reference.js';
import { REFERENCE_DEFAULTS } from './types.js';

const context = { signal: new AbortController().signal } as never;

function floatRows(values: Float32Array, columnCount: number, from = 0, to?: number) {
  const part = values.slice(from * columnCount, to === undefined ? undefined : to * columnCount);
  return {
    rowCount: part.length / columnCount,
    columnCount,
    data: Buffer.from(part.buffer).toString('base64'),
  };
}

describe.skipIf(!hasShared)('diarizeReferenceStage', () => {
  const golden = hasShared ? new GoldenCase('diarizer/few_features') : undefined!;

  it('gives what diarizeReference gives, from parts that went through JSON', async () => {
    const distances = golden.array('asd_00000').data as Float32Array;
    const voices = golden.array('spkfeats');
    const voiceRows = voices.data as Float32Array;
    const columnCount = voices.shape[1]!;
    const frameCount = distances.length / 21 + 5;
    const track = { trackIndex: 0, startFrame: 0, frameCount, faceId: 0 };
    const speech = [{ startSec: 0, endSec: frameCount / 25 }];
    const input = {
      tracks: [
        {
          ...track,
          speech,
          lipSync: { distances: [floatRows(distances, 21, 0, 16), floatRows(distances, 21, 16)] },
        },
      ],
      speech,
      voices: [
        floatRows(new Float32Array(0), columnCount),
        floatRows(voiceRows, columnCount, 0, 2),
        floatRows(voiceRows, columnCount, 2),
      ],
    };
    const copy = JSON.parse(JSON.stringify(input)) as typeof input;
    const output = await diarizeReferenceStage.run(copy, REFERENCE_DEFAULTS, context);
    const expected = diarizeReference({
      tracks: [{ ...track, speech, lipSync: { distances } }],
      speech,
      voices: { data: voiceRows, rowCount: voices.shape[0]!, columnCount },
    });
    expect(output.reference).toEqual(expected);
    expect(expected.entries.length).toBeGreaterThan(0);
    expect(output.turns.length).toBe(expected.entries.length);
    expect(output.speakers.map(({ label }) => label)).toContain(expected.entries[0]!.label);
  });
});

describe('diarizeReferenceStage without faces and voices', () => {
  it('leaves speech to nobody known', async () => {
    const input = { tracks: [], speech: [{ startSec: 0, endSec: 4 }], voices: [] };
    const output = await diarizeReferenceStage.run(input, REFERENCE_DEFAULTS, context);
    expect(output.turns.map(({ speaker }) => speaker)).toEqual(['unknown']);
    expect(output.notices).not.toEqual([]);
  });

  it('refuses rows that are not of the stated size', async () => {
    const voices = [{ rowCount: 2, columnCount: 3, data: 'AAAA' }];
    const input = { tracks: [], speech: [], voices };
    await expect(diarizeReferenceStage.run(input, REFERENCE_DEFAULTS, context)).rejects.toThrow(
      '2 rows of 3 numbers',
    );
  });
});
