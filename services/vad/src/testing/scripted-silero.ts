import type { Model, ModelPool, Tensor } from '@avd/stage-kit';

/** Stands for the Silero network: answers with given probabilities in order and keeps its inputs. Only for tests. */
export interface ScriptedSilero extends ModelPool {
  readonly calls: Readonly<Record<string, Tensor>>[];
}

/** @param probabilities answers in order; 0 once they are used up */
export function createScriptedSilero(probabilities: ArrayLike<number>): ScriptedSilero {
  const calls: Readonly<Record<string, Tensor>>[] = [];
  const model: Model = {
    name: 'silero-vad',
    sha256: '0'.repeat(64),
    run: async (inputs) => {
      const callIndex = calls.push(inputs) - 1;
      return {
        output: { data: Float32Array.of(probabilities[callIndex] ?? 0), dims: [1, 1] },
        stateN: { data: new Float32Array(256).fill(callIndex + 1), dims: [2, 1, 128] },
      };
    },
  };
  return {
    calls,
    load: async (name) => {
      if (name !== model.name) throw new Error(`unexpected model ${name}`);
      return model;
    },
  };
}
