import type { stageV1 } from '@avd/contracts';
import type { ModelPool, StageContext, StageMethod } from '@avd/stage-kit';
import { memoryBlobStore } from '@avd/storage';
import { Artifacts } from '../artifacts.js';
import {
  defineStageCall,
  type CallHost,
  type StageCall,
  type StageRequest,
} from '../stage-call.js';

export interface CountSpec {
  readonly limit: number;
  readonly network: string;
}

export type CountInputs = Readonly<Record<string, readonly string[][]>>;

/** Stands for the method of a stage: counts the words of its inputs. */
export interface CountWords {
  readonly call: StageCall;
  /** Specs of all runs so far. */
  readonly runs: CountSpec[];
}

export interface CountRequest extends StageRequest {
  readonly limit?: number;
  readonly network?: string;
}

/** @param during what a run does before it answers */
export function countWords(
  during: (ctx: StageContext) => Promise<void> = async () => {},
): CountWords {
  const runs: CountSpec[] = [];
  const method: StageMethod<CountSpec, CountInputs, { readonly count: number }> = {
    stage: 'vad',
    name: 'vad.CountWords',
    version: '3',
    models: ({ network }) => [network],
    async run(spec, { words = [] }, ctx) {
      runs.push(spec);
      await during(ctx);
      return { count: Math.min(spec.limit, words.flat().length) };
    },
  };
  const call = defineStageCall({
    method,
    required: () => ['words'],
    need: () => 'none',
    toSpec: ({ limit = 100, network = 'net' }: CountRequest) => ({ limit, network }),
    summarize: ({ count }) => ({ trackCount: count }),
  });
  return { call, runs };
}

/** @param digests SHA-256 of networks by name; a network that is not named has its name as digest */
export function fakeHost(digests: ReadonlyMap<string, string> = new Map()): CallHost {
  const blobs = memoryBlobStore();
  const models: ModelPool = {
    load: async (name) => ({
      name,
      sha256: digests.get(name) ?? name,
      run: async () => ({}),
    }),
  };
  return {
    ...{ blobs, models, threads: 1, provider: 'cpu', workDir: '' },
    artifacts: new Artifacts(blobs),
    fetchMedia: async () => {
      throw new Error('No recording is looked at.');
    },
  };
}

/** A recording that nothing reads. */
export function mediaRef(changes: Partial<stageV1.MediaRef> = {}): stageV1.MediaRef {
  return {
    ...{ uri: 'file:///talk.mp4', sha256: 'ab'.repeat(32), width: 0, height: 0, frameCount: 0 },
    ...{ sampleCount: 16_000, duration: undefined, derived: [] },
    ...changes,
  };
}

/** Puts word lists into the store, as results of the step `words`. */
export async function wordInputs(
  { artifacts }: CallHost,
  ...lists: readonly string[][]
): Promise<{ readonly [step: string]: stageV1.ArtifactList }> {
  const refs: stageV1.ArtifactRef[] = [];
  for (const list of lists) refs.push({ uri: '', ...(await artifacts.write(list)) });
  return { words: { artifacts: refs, manifest: undefined } };
}
