import { stageV1 } from '@avd/contracts';
import { describe, expect, it } from 'vitest';
import { detectSpeechCall, detectTrackSpeechCall } from './calls.js';

const facts = { audio: { sampleCount: 16_000 } };
const request = (fields: object) => stageV1.DetectSpeechRequest.fromPartial(fields);

describe('vad.DetectSpeech called from outside', () => {
  it('listens to the whole sound where no piece is named', () => {
    const params = { detector: 'silero' };
    expect(detectSpeechCall.specOf(request({ params }), facts)).toEqual({
      sampleRange: { startSample: 0, endSample: 16_000 },
      params: { detector: 'silero' },
    });
    const sampleRange = { startSample: 5, endSample: 6 };
    expect(detectSpeechCall.specOf(request({ params, sampleRange }), facts)).toEqual({
      sampleRange,
      params: { detector: 'silero' },
    });
  });

  it('leaves out parameters that are not given, and keeps those that are 0 or false', () => {
    const params = { detector: 'silero', speechPadMs: 0, roundToTenthSec: false };
    expect(detectSpeechCall.specOf(request({ params }), facts)).toMatchObject({ params });
    expect(
      Object.keys(
        (detectSpeechCall.specOf(request({ params }), facts) as { params: object }).params,
      ),
    ).toHaveLength(3);
  });

  it.each([{}, { params: {} }])('asks for the detector when given %j', (fields) => {
    const expected = expect.objectContaining({
      ...{ kind: 'invalidInput', reason: 'FIELD_MISSING', details: { field: 'params.detector' } },
    }) as Error;
    expect(() => detectSpeechCall.specOf(request(fields), facts)).toThrow(expected);
    expect(() => detectTrackSpeechCall.specOf(request(fields), facts)).toThrow(expected);
  });
});
