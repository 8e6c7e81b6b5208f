import { stageV1 } from '@avd/contracts';
import { fakeHost, mediaRef } from '@avd/stage-host/testing';
import { describe, expect, it } from 'vitest';
import { diarizeCall } from './calls.js';

const session = { signal: new AbortController().signal, report: () => undefined };
const request = (method: stageV1.DiarizeRequest['method']): stageV1.DiarizeRequest => ({
  ...stageV1.DiarizeRequest.fromPartial({}),
  method,
});

describe('cluster.Diarize called from outside', () => {
  it('takes only the numbers of speakers that are given', () => {
    const value = stageV1.AdaptiveParams.fromPartial({ offscreen: 'cluster', minSpeakers: 2 });
    expect(diarizeCall.specOf(request({ $case: 'adaptive', value }), {})).toStrictEqual({
      method: 'adaptive',
      params: { offscreen: 'cluster', minSpeakers: 2 },
    });
  });

  it('asks for a method', () => {
    expect(() => diarizeCall.specOf(request(undefined), {})).toThrow(
      expect.objectContaining({ reason: 'FIELD_MISSING', details: { field: 'method' } }) as Error,
    );
  });

  it('refuses another treatment of unseen speakers than there is', () => {
    const value = stageV1.AdaptiveParams.fromPartial({ offscreen: 'guess' });
    expect(() => diarizeCall.specOf(request({ $case: 'adaptive', value }), {})).toThrow(
      expect.objectContaining({
        ...{ reason: 'INVALID_FIELD', details: { field: 'adaptive.offscreen' } },
      }) as Error,
    );
  });

  it('asks for the results that its method reads', async () => {
    const { artifacts, ...host } = fakeHost();
    const ref = await artifacts.write({ segments: [] });
    const list = { artifacts: [{ uri: '', ...ref }], manifest: undefined };
    const value = stageV1.AdaptiveParams.fromPartial({ offscreen: 'cluster' });
    const message = { ...request({ $case: 'adaptive', value }), media: mediaRef() };
    const run = diarizeCall.run({ ...message, inputs: { detectSpeech: list } }, session, {
      ...host,
      artifacts,
    });
    await expect(run).rejects.toMatchObject({
      ...{ reason: 'FIELD_MISSING', details: { field: 'inputs["embedVoices"]' } },
    });
    const params = stageV1.ReferenceParams.fromPartial({});
    const ofPaper = request({ $case: 'reference', value: params });
    expect(diarizeCall.required(ofPaper)).toEqual(['detectSpeech', 'embedVoiceWindows']);
    expect(diarizeCall.required({ ...ofPaper, inputs: { linkTracks: list } })).toContain(
      'detectTrackSpeech',
    );
  });

  it('answers with a message that the contract knows, also when nobody speaks', async () => {
    const host = fakeHost();
    const list = async (value: unknown) => {
      const ref = await host.artifacts.write(value);
      return { artifacts: [{ uri: '', ...ref }], manifest: undefined };
    };
    const value = stageV1.ReferenceParams.fromPartial({ voiceMergeDistance: 0.7 });
    const inputs = {
      detectSpeech: await list({ segments: [] }),
      embedVoiceWindows: stageV1.ArtifactList.fromPartial({}),
    };
    const message = { ...request({ $case: 'reference', value }), media: mediaRef(), inputs };
    const { artifact, execution, summary } = await diarizeCall.run(message, session, host);
    const result = stageV1.DiarizeResult.fromPartial({ artifact, execution, ...(await summary()) });
    const told = stageV1.DiarizeResult.decode(stageV1.DiarizeResult.encode(result).finish());
    expect(told).toMatchObject({ turns: [], turnCount: 0, speakers: [] });
  });
});
