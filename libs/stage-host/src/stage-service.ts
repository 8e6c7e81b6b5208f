import type { stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { serverStream, unary } from '@avd/rpc';
import type { Progress } from '@avd/stage-kit';
import type { CallHost, StageCall, StageRequest } from './stage-call.js';

/** What is said about this process by GetStageInfo. */
export type StageInfo = () => stageV1.GetStageInfoResponse;

/** Handlers of a stage's gRPC service: each call streams its progress, then its result. */
export function stageHandlers(
  calls: Readonly<Record<string, StageCall>>,
  host: CallHost,
  limit: CallLimit,
): Record<string, ReturnType<typeof serverStream<StageRequest, StageUpdate>>> {
  return Object.fromEntries(
    Object.entries(calls).map(([name, call]) => [
      name,
      serverStream<StageRequest, StageUpdate>((request, { signal }) =>
        limit.guard(() => streamCall(call, request, signal, host)),
      ),
    ]),
  );
}

export function stageInfoHandlers(info: StageInfo): {
  readonly getStageInfo: ReturnType<typeof unary>;
} {
  return { getStageInfo: unary(() => info()) };
}

interface StageUpdate {
  readonly update:
    | { readonly $case: 'progress'; readonly value: stageV1.StageProgress }
    | { readonly $case: 'result'; readonly value: object };
}

/** Calls made directly, beside the tasks of the queue. */
export class CallLimit {
  readonly #most: number;
  #active = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get active(): number {
    return this.#active;
  }

  async *guard<T>(open: () => AsyncIterable<T>): AsyncGenerator<T> {
    if (this.#active >= this.#most) {
      throw new AvdError(
        'resourceExhausted',
        'TOO_MANY_CALLS',
        `This server works on ${this.#most} calls already; try again later or add replicas.`,
      );
    }
    this.#active++;
    try {
      yield* open();
    } finally {
      this.#active--;
    }
  }
}

async function* streamCall(
  call: StageCall,
  request: StageRequest,
  signal: AbortSignal,
  host: CallHost,
): AsyncGenerator<StageUpdate> {
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  let latest: Progress | undefined;
  let wake = (): void => undefined;
  let isEnded = false;
  const running = call
    .run(request, { signal: stop, report: (progress) => ((latest = progress), wake()) }, host)
    .finally(() => ((isEnded = true), wake()));
  running.catch(() => undefined); // thrown where it is awaited below
  try {
    while (!isEnded) {
      if (latest === undefined) await new Promise<void>((resolve) => (wake = resolve));
      if (latest === undefined) continue;
      const { done, total, unit }: Progress = latest;
      latest = undefined;
      yield { update: { $case: 'progress', value: { done, total, unit } } };
    }
    const result = await running;
    const { artifact, execution } = result;
    const value = { artifact, execution, ...(await result.summary()) };
    yield { update: { $case: 'result', value } };
  } finally {
    left.abort();
    await running.catch(() => undefined);
  }
}
