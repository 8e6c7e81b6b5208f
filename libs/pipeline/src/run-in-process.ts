import {
  type PlanState,
  finishTask,
  INITIAL_PLAN_STATE,
  readySteps,
  startTask,
  stepState,
} from './plan-state.js';
import { taskId, type Plan, type PlannedStep, type TaskRef } from './plan.js';

export interface InProcessOptions {
  /** Executions under way at once, @minimum 1. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a plan to its end in this process.
 * @param execute runs tasks which can share the decoding of one piece (mostly just one) and keeps their results
 * @throws what `execute` throws first, after every task under way has stopped
 */
export async function runInProcess(
  plan: Plan,
  execute: (tasks: readonly TaskRef[], signal: AbortSignal) => Promise<void>,
  { concurrency, signal }: InProcessOptions,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const running = new Map<string, Promise<void>>();
  let state: PlanState = INITIAL_PLAN_STATE;
  let firstError: unknown;
  const start = (steps: readonly PlannedStep[]): void => {
    const tasks = steps.map(({ step }) => {
      const started = startTask(state, step);
      state = started.state;
      return started.task;
    });
    const id = taskId(tasks[0]!);
    const finished = execute(tasks, stop).then(
      () => {
        for (const task of tasks) state = finishTask(state, task);
      },
      (error: unknown) => {
        firstError ??= error;
        failure.abort();
      },
    );
    running.set(
      id,
      finished.finally(() => running.delete(id)),
    );
  };
  /** The first step that is ready, with those that can share its next piece. */
  const nextTogether = (): PlannedStep[] => {
    const ready = readySteps(plan, state);
    const [first] = ready;
    if (first?.sharesFrames !== true) return ready.slice(0, 1);
    const { startedCount } = stepState(state, first.step);
    return ready.filter(
      ({ step, sharesFrames }) =>
        sharesFrames === true && stepState(state, step).startedCount === startedCount,
    );
  };
  for (;;) {
    while (!stop.aborted && running.size < concurrency) {
      const steps = nextTogether();
      if (steps.length === 0) break;
      start(steps);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (firstError !== undefined) throw firstError as Error;
  signal.throwIfAborted();
}
