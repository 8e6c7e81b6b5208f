import { taskId, type PlannedStep, type StepGraph, type StepName, type TaskRef } from './plan.js';

/**
 * How far a plan has come. Its size does not depend on the number of tasks: those of a step start in order, so the
 * finished ones are all that were started but for the few in flight. Plain JSON-safe data.
 */
export interface PlanState<Name extends string = StepName> {
  readonly steps: { readonly [Step in Name]?: StepState };
  /** Started and not yet finished. */
  readonly inFlight: readonly TaskRef<Name>[];
}

export interface StepState {
  /** Tasks 0 to startedCount - 1 were handed out. */
  readonly startedCount: number;
  readonly doneCount: number;
}

export const INITIAL_PLAN_STATE: PlanState<never> = { steps: {}, inFlight: [] };

const NOTHING_STARTED: StepState = { startedCount: 0, doneCount: 0 };

export function stepState<Name extends string>(state: PlanState<Name>, step: Name): StepState {
  return state.steps[step] ?? NOTHING_STARTED;
}

/** Steps with tasks that can start now, in the order of the plan. */
export function readySteps<Name extends string>(
  graph: StepGraph<Name>,
  state: PlanState<Name>,
): PlannedStep<Name>[] {
  return graph.steps.filter(
    ({ step, count, needs }) =>
      stepState(state, step).startedCount < count &&
      needs.every((need) => isStepDone(graph, state, need)),
  );
}

/** Hands out the next task of a ready step. */
export function startTask<Name extends string>(
  state: PlanState<Name>,
  step: Name,
): { readonly state: PlanState<Name>; readonly task: TaskRef<Name> } {
  const { startedCount, doneCount } = stepState(state, step);
  const task: TaskRef<Name> = { step, index: startedCount };
  return {
    task,
    state: {
      steps: { ...state.steps, [step]: { startedCount: startedCount + 1, doneCount } },
      inFlight: [...state.inFlight, task],
    },
  };
}

/** Takes a finished task down. One that is not in flight (told twice, or never handed out) changes nothing. */
export function finishTask<Name extends string>(
  state: PlanState<Name>,
  task: TaskRef<Name>,
): PlanState<Name> {
  const id = taskId(task);
  const inFlight = state.inFlight.filter((other) => taskId(other) !== id);
  if (inFlight.length === state.inFlight.length) return state;
  const { startedCount, doneCount } = stepState(state, task.step);
  return {
    steps: { ...state.steps, [task.step]: { startedCount, doneCount: doneCount + 1 } },
    inFlight,
  };
}

export function isPlanDone<Name extends string>(
  graph: StepGraph<Name>,
  state: PlanState<Name>,
): boolean {
  return graph.steps.every(({ step }) => isStepDone(graph, state, step));
}

export function isStepDone<Name extends string>(
  graph: StepGraph<Name>,
  state: PlanState<Name>,
  step: Name,
): boolean {
  const planned = graph.steps.find((other) => other.step === step);
  return planned === undefined || stepState(state, step).doneCount >= planned.count;
}
