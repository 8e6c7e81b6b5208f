import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  finishTask,
  INITIAL_PLAN_STATE,
  isPlanDone,
  readySteps,
  startTask,
  stepState,
  type PlanState,
} from './plan-state.js';
import { planVideo, taskId, type Plan } from './plan.js';
import { ACTIVE_SPEAKER_DETECTORS, resolveSettings, SPEAKER_MODELS } from './settings.js';

const anySettings = fc.record({
  asd: fc.constantFrom(...ACTIVE_SPEAKER_DETECTORS),
  speakerModel: fc.constantFrom(...SPEAKER_MODELS),
});

describe('the state of a plan', () => {
  it('hands out every task once and in an order that respects the graph, however results arrive', () => {
    const picks = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 50, max: 200 }),
        fc.integer({ min: 1, max: 5 }),
        anySettings,
        picks,
        (frameCount, chunkFrames, window, settings, picked) => {
          const sampleCount = frameCount * 700;
          const plan = planVideo({ frameCount, sampleCount, chunkFrames, settings });
          const handedOut: string[] = [];
          let state: PlanState = INITIAL_PLAN_STATE;
          for (let turn = 0; !isPlanDone(plan, state); turn++) {
            state = fill(plan, state, window, handedOut);
            const pick = picked[turn % picked.length]!;
            const task = state.inFlight[pick % state.inFlight.length]!;
            const before = state;
            state = finishTask(state, task);
            expect(finishTask(state, task)).toBe(state); // told twice
            expect(finishTask(before, { step: 'diarize', index: 7 })).toBe(before); // never handed out
          }
          expect(new Set(handedOut).size).toBe(handedOut.length);
          expect(handedOut.length).toBe(plan.steps.reduce((sum, { count }) => sum + count, 0));
          expect(state.inFlight).toEqual([]);
        },
      ),
    );
  });

  it('stays as small for five thousand chunks as for ten', () => {
    const settings = resolveSettings({});
    const sizeAfter = (chunkCount: number): number => {
      const frameCount = 100 * chunkCount;
      const plan = planVideo({
        frameCount,
        sampleCount: 640 * frameCount,
        chunkFrames: 100,
        settings,
      });
      let state: PlanState = INITIAL_PLAN_STATE;
      let largest = 0;
      for (let turn = 0; !isPlanDone(plan, state); turn++) {
        state = fill(plan, state, 4, []);
        state = finishTask(state, state.inFlight[turn % state.inFlight.length]!);
        if (turn % 10 === 0) largest = Math.max(largest, JSON.stringify(state).length);
      }
      return largest;
    };
    expect(sizeAfter(5000)).toBeLessThan(sizeAfter(10) + 100);
  });
});

/** Starts tasks until the window is full. */
function fill(plan: Plan, before: PlanState, window: number, handedOut: string[]): PlanState {
  let state = before;
  while (state.inFlight.length < window) {
    const [ready] = readySteps(plan, state);
    if (ready === undefined) break;
    for (const need of ready.needs) {
      const { count } = plan.steps.find(({ step }) => step === need)!;
      expect(stepState(state, need).doneCount).toBe(count);
    }
    const started = startTask(state, ready.step);
    state = started.state;
    handedOut.push(taskId(started.task));
  }
  return state;
}
