import { taskId, type Plan } from './plan.js';
import { resultKey } from '@avd/stage-kit';
import type { DiarizeSettings } from './settings.js';
import { stepTable } from './steps/step-table.js';

export interface TaskKeysInput {
  readonly plan: Plan;
  readonly settings: DiarizeSettings;
  /** SHA-256 of the media file. */
  readonly mediaDigest: string;
  /** What decides the numbers of every network of the plan, by name: SHA-256 of the weights, how it runs. */
  readonly modelDigests: ReadonlyMap<string, string>;
}

/** Key of every task's result: all that decides it, through the keys of the tasks it needs. */
export function taskKeys(input: TaskKeysInput): Map<string, string> {
  const { plan, settings, mediaDigest, modelDigests } = input;
  const keys = new Map<string, string>();
  for (const { step, count, needs } of plan.steps) {
    const definition = stepTable[step];
    const { method } = definition;
    const upstream = resultKey(
      needs.flatMap((need) =>
        Array.from({ length: plan.steps.find((other) => other.step === need)!.count }, (_, index) =>
          keys.get(taskId({ step: need, index })),
        ),
      ),
    );
    for (let index = 0; index < count; index++) {
      const task = { plan, index, settings };
      keys.set(
        taskId({ step, index }),
        resultKey({
          method: method.name,
          version: method.version,
          models: definition.models(task).map((name) => [name, modelDigests.get(name)]),
          spec: definition.spec(task),
          mediaDigest,
          upstream,
        }),
      );
    }
  }
  return keys;
}
