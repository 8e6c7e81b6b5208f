import { nextTasks, taskId, type Plan, type TaskRef } from './plan.js';

export interface InProcessOptions {
  /** Tasks under way at once, @minimum 1. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Runs a plan to its end in this process.
 * @param execute runs one task and keeps its result
 * @throws what `execute` throws first, after every task under way has stopped
 */
export async function runInProcess(
  plan: Plan,
  execute: (task: TaskRef, signal: AbortSignal) => Promise<void>,
  { concurrency, signal }: InProcessOptions,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const done = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let firstError: unknown;
  const start = (task: TaskRef): void => {
    const id = taskId(task);
    const finished = execute(task, stop).then(
      () => void done.add(id),
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
  for (;;) {
    if (!stop.aborted) {
      const free = concurrency - running.size;
      nextTasks(plan, done, new Set(running.keys())).slice(0, free).forEach(start);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (firstError !== undefined) throw firstError as Error;
  signal.throwIfAborted();
}
