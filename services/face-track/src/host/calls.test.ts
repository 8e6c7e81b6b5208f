import { stageV1 } from '@avd/contracts';
import { fakeHost, mediaRef } from '@avd/stage-host/testing';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LINK_TRACKS_PARAMS } from '../link-tracks.js';
import { detectFacesCall, linkTracksCall } from './calls.js';

const facts = { video: { width: 640, height: 360, frameCount: 200 } };
const session = { signal: new AbortController().signal, report: () => undefined };

describe('the methods of face-track called from outside', () => {
  it('look at the whole recording, at every frame, where nothing is said', () => {
    expect(detectFacesCall.specOf(stageV1.DetectFacesRequest.fromPartial({}), facts)).toEqual({
      range: { startFrame: 0, endFrame: 200 },
      frameCount: 200,
      detector: 'blazeface',
      detectEvery: 1,
    });
  });

  it.each([{}, { params: { minIou: 0.5 } }])(
    'ask for the parameters of tracks given %j',
    (fields) => {
      expect(() =>
        linkTracksCall.specOf(stageV1.LinkTracksRequest.fromPartial(fields), facts),
      ).toThrow(
        expect.objectContaining({ reason: 'FIELD_MISSING', details: { field: 'params' } }) as Error,
      );
    },
  );

  it('answer with a message that the contract knows', async () => {
    const host = fakeHost();
    const frameCount = 60;
    const box = { left: 10, top: 10, right: 110, bottom: 110 };
    const ref = await host.artifacts.write({
      detections: Array.from({ length: frameCount }, () => [{ box, score: 0.9 }]),
      contentScores: Array.from({ length: frameCount }, () => 0),
    });
    const inputs = { detectFaces: { artifacts: [{ uri: '', ...ref }], manifest: undefined } };
    const request = stageV1.LinkTracksRequest.fromPartial({
      ...{ media: mediaRef(), inputs, frameCount },
      params: DEFAULT_LINK_TRACKS_PARAMS,
    });
    const { artifact, execution, summary } = await linkTracksCall.run(request, session, host);
    const result = stageV1.LinkTracksResult.fromPartial({
      ...{ artifact, execution },
      ...(await summary()),
    });
    const told = stageV1.LinkTracksResult.decode(stageV1.LinkTracksResult.encode(result).finish());
    expect(told).toMatchObject({ shots: [{ startFrame: 0, endFrame: frameCount }] });
    expect(told.trackCount).toBe(told.tracks.length);
  });
});
