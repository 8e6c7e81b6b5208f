import { describe, expect, it } from 'vitest';
import { loudnessCode } from './loudness.js';
import { LOUDNESS_CODE } from './page/report-data.js';
import { exampleMedia } from './testing/example-conversation.js';

const signal = new AbortController().signal;

describe('loudnessCode', () => {
  it('has one character a frame: silence is the first, a tone its level in dB', async () => {
    const code = await loudnessCode(exampleMedia(), signal);
    expect(code).toHaveLength(200);
    expect(code[0]).toBe('A');
    // 8000 peak is 20 log10(8000 / sqrt 2 / 32768) = -15.3 dB.
    expect(LOUDNESS_CODE.indexOf(code[30]!)).toBe(64 - 15);
  });

  it('is empty without sound', async () => {
    expect(await loudnessCode({ ...exampleMedia(), info: { durationSec: 1 } }, signal)).toBe('');
  });
});
