import type { stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { defineStageCall, type RecordingFacts } from '@avd/stage-host';
import type { ScoreLipsOutput } from '../lips/score-lips.js';
import {
  readLipsMethod,
  scoreLipsMethod,
  type LipReading,
  type ReadLipsOutput,
  type ReadLipsSpec,
} from '../methods.js';
import type { RunLrAsdParams } from '../lr-asd/run-lr-asd.js';

export const readLipsCall = defineStageCall({
  method: readLipsMethod,
  required: () => ['linkTracks'],
  need: ({ asd }: stageV1.ReadLipsRequest) => (asd === 'lips' ? 'pictures' : 'both'),
  toSpec(request, { video }: RecordingFacts): ReadLipsSpec {
    const range = request.frameRange ?? { startFrame: 0, endFrame: video?.frameCount ?? 0 };
    const asd = toAsd(request.asd);
    if (asd !== 'lr-asd') return { range, asd };
    const { model = 'lr-asd-ava', durationsSec = [6, 10] } = request.lrAsd ?? {};
    return { range, asd, lrAsd: { model: model as RunLrAsdParams['model'], durationsSec } };
  },
  summarize: ({ lips, lrAsd, sync }: ReadLipsOutput) => ({
    trackCount: new Set(
      [...(lips?.tracks ?? []), ...(lrAsd?.pieces ?? []), ...(sync?.pieces ?? [])].map(
        ({ trackIndex }) => trackIndex,
      ),
    ).size,
  }),
});

export const scoreLipsCall = defineStageCall({
  method: scoreLipsMethod,
  required: () => ['linkTracks', 'readLips'],
  need: () => 'none',
  toSpec: ({ asd }: stageV1.ScoreLipsRequest) => ({ asd: toAsd(asd) }),
  summarize: ({ tracks }: ScoreLipsOutput) => ({ trackCount: tracks.length }),
});

function toAsd(name: string): LipReading['asd'] {
  if (name === 'lips' || name === 'lr-asd' || name === 'syncnet') return name;
  throw new AvdError(
    'invalidInput',
    'UNKNOWN_ASD',
    `There is no active speaker detection "${name}"; choose one of: lips, lr-asd, syncnet.`,
    { details: { field: 'asd' } },
  );
}
