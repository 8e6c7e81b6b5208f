import { AvdError } from '@avd/domain';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { choicesToConfig, configToChoices } from './config-mapping.js';
import { DiarizationConfig } from './gen/avdiarization/v1/diarization_job.js';

const vocabulary = {
  profile: ['lite', 'voxconverse'],
  faceDetector: ['blazeface'],
  asd: ['lips', 'syncnet'],
  vad: ['silero'],
  speakerModel: ['recording'],
  faceModel: ['faceres'],
  offscreen: ['cluster', 'unknown'],
  precision: ['float32', 'int8'],
} as const;

const parse = (config: Partial<DiarizationConfig>) =>
  configToChoices(DiarizationConfig.fromPartial(config), vocabulary);

describe('the config of a job', () => {
  it('keeps what was chosen and leaves out the rest', () => {
    expect(parse({})).toEqual({});
    expect(parse({ profile: 'lite', asd: 'syncnet', detectEvery: 2, chunkFrames: 250 })).toEqual({
      profile: 'lite',
      asd: 'syncnet',
      detectEvery: 2,
    });
  });

  it('has the types of the names that may be chosen', () => {
    expectTypeOf(parse({}).asd).toEqualTypeOf<'lips' | 'syncnet' | undefined>();
    expectTypeOf(parse({}).numSpeakers).toEqualTypeOf<number | undefined>();
  });

  it('survives the way over the wire', () => {
    const choices = {
      profile: 'voxconverse',
      faceDetector: 'blazeface',
      asd: 'lips',
      vad: 'silero',
      speakerModel: 'recording',
      faceModel: 'faceres',
      detectEvery: 3,
      offscreen: 'unknown',
      precision: 'int8',
      minSpeakers: 2,
      maxSpeakers: 4,
    } as const;
    const sent = DiarizationConfig.encode(choicesToConfig(choices, 500)).finish();
    const config = DiarizationConfig.decode(sent);
    expect(config.chunkFrames).toBe(500);
    expect(configToChoices(config, vocabulary)).toEqual(choices);
    expect(choicesToConfig({ ...choices, numSpeakers: undefined }, 500)).toEqual(config);
  });

  it.each([
    [{ asd: 'lip' }, 'diarization_job.config.asd', 'must be one of lips, syncnet, not "lip"'],
    [{ faceDetector: 'S3FD' }, 'diarization_job.config.face_detector', 'must be one of blazeface'],
    [{ precision: 'int4' }, 'diarization_job.config.precision', 'must be one of float32, int8'],
    [{ detectEvery: 0 }, 'diarization_job.config.detect_every', 'must be 1 or more, not 0'],
    [{ numSpeakers: -1 }, 'diarization_job.config.num_speakers', 'must be 1 or more, not -1'],
    [{ chunkFrames: 0 }, 'diarization_job.config.chunk_frames', 'must be 1 or more, not 0'],
  ])('refuses %j and names the field', (config, field, rule) => {
    try {
      parse(config);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(AvdError);
      expect(error).toMatchObject({
        kind: 'invalidInput',
        reason: 'INVALID_FIELD',
        details: { field },
        message: expect.stringContaining(`${field} ${rule}`) as string,
      });
    }
  });
});
