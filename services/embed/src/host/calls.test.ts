import { stageV1 } from '@avd/contracts';
import { describe, expect, it } from 'vitest';
import { embedFacesCall, embedVoicesCall, embedVoiceWindowsCall } from './calls.js';

const facts = {
  video: { width: 640, height: 360, frameCount: 200 },
  audio: { sampleCount: 128_000 },
};

describe('the methods of embed called from outside', () => {
  it('take the whole recording and the usual network where nothing is named', () => {
    const whole = { startSample: 0, endSample: 128_000 };
    expect(embedFacesCall.specOf(stageV1.EmbedFacesRequest.fromPartial({}), facts)).toEqual({
      range: { startFrame: 0, endFrame: 200 },
      model: 'faceres',
    });
    expect(embedVoicesCall.specOf(stageV1.EmbedVoicesRequest.fromPartial({}), facts)).toEqual(
      whole,
    );
    expect(
      embedVoiceWindowsCall.specOf(stageV1.EmbedVoiceWindowsRequest.fromPartial({}), facts),
    ).toEqual({ ...whole, model: 'resnetse34v2' });
  });

  it('look at nothing where there is no picture', () => {
    expect(embedFacesCall.specOf(stageV1.EmbedFacesRequest.fromPartial({}), {})).toMatchObject({
      range: { startFrame: 0, endFrame: 0 },
    });
  });

  it('need the tracks for faces, and nothing for voices', () => {
    const request = { media: undefined };
    expect(embedFacesCall.required(request)).toEqual(['linkTracks']);
    expect(embedVoicesCall.required(request)).toEqual([]);
  });
});
