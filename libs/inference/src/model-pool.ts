import { setMaxListeners } from 'node:events';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import type { Context } from '@opentelemetry/api';
import { AvdError } from '@avd/domain';
import { locateModel } from '@avd/models';
import type { GraphForm, LocatedModel } from '@avd/models';
import type { Model, ModelPool, Tensor } from '@avd/stage-kit';
import type { TensorMap } from './messages.js';
import { WorkerLane } from './worker-lane.js';
import type { LaneResult } from './worker-lane.js';
import { batchKey, joinInputs, rowCount, splitOutputs } from './batch.js';
import { resolveProviders } from './providers.js';
import { callerContext, traceRun } from './trace-run.js';

export interface ModelPoolOptions {
  /** Worker threads at most; they start when they are needed. @default number of cores */
  readonly threads?: number;
  /** Execution providers in order of preference: cpu, cuda, tensorrt. @default ['cpu'] */
  readonly providers?: readonly string[];
  /**
   * Threads inside of a run, for large networks where there are fewer runs than cores. More than one changes the last
   * bits of some networks (docs/adr/0001). @default 1
   */
  readonly threadsPerRun?: number;
  /**
   * Runs of one network, waiting for a thread, which are put into one call where the network allows it. Worth it on a
   * GPU; on a CPU it gains nothing. @default 1
   */
  readonly maxBatch?: number;
  /** Runs which may wait for a free thread; one more fails. @default 256 */
  readonly maxQueued?: number;
  /**
   * Finds and checks the file of a model, in the form that is quickest with the providers where there are several.
   * @default locateModel of @avd/models
   */
  readonly locate?: (name: string, form: GraphForm) => Promise<LocatedModel>;
  /** Script of the worker threads. @default the one of this package */
  readonly workerEntry?: URL;
}

/** Networks that run on this machine. */
export interface LocalModelPool extends ModelPool, AsyncDisposable {
  /** The networks that are loaded, by name. */
  loaded(): readonly Pick<Model, 'name' | 'sha256'>[];
}

/**
 * Requests a thread holds at a time: one runs and one waits in the thread, so that it does not idle while
 * the result travels.
 */
const REQUESTS_PER_LANE = 2;

/**
 * Networks with hundreds of megabytes of weights and values, whose numbers do not depend on the threads of a run
 * (docs/adr/0001): on a processor two workers hold them, or one of four where there are more than eight, and share the
 * threads of all, so that memory does not grow with every core.
 */
const LARGE_NETWORKS: ReadonlySet<string> = new Set(['s3fd', 'vggface-resnet50']);
const workersOfLarge = (threads: number): number =>
  Math.max(Math.min(2, threads), Math.ceil(threads / 4));

/** Workers that hold a network, and threads of each of its runs. */
interface Places {
  readonly workers: number;
  readonly threadsPerRun: number;
}

/** How long an exit of the process waits for a run under way (see NativeGuard). */
const EXIT_PATIENCE_MS = 5000;

/**
 * Starts a pool of worker threads that run networks with onnxruntime, each session single-threaded unless told
 * otherwise or large. A run goes to the least busy thread; every thread gives the same bytes. The thread of the caller is never blocked.
 *
 * `Model.run` copies its inputs before it returns its promise: the caller may reuse the arrays at once. It
 * rejects with AvdError kind `model` when the network fails or its thread dies (the next run gets a new
 * thread), `cancelled` when its signal aborts, `resourceExhausted` when too many runs wait.
 *
 * Where the caller's span is recorded, each run is a span `avd.inference` beneath it.
 *
 * @throws AvdError invalidInput UNKNOWN_PROVIDER; precondition PROVIDER_NOT_INSTALLED
 *
 * The pool must be disposed; runs still waiting then are rejected as cancelled.
 */
export function createModelPool(options: ModelPoolOptions = {}): LocalModelPool {
  return new WorkerModelPool(options);
}

interface Job {
  readonly model: LocatedModel;
  /** Absent: only load the network. */
  readonly inputs: TensorMap | undefined;
  readonly caller: Context;
  readonly settle: (result: LaneResult) => void;
}

class WorkerModelPool implements LocalModelPool {
  readonly #threads: number;
  readonly #maxQueued: number;
  readonly #workerOptions: { readonly providers: readonly string[] };
  readonly #isUsual: boolean;
  readonly #usualPlaces: Places;
  readonly #largePlaces: Places;
  readonly #maxBatch: number;
  readonly #batchablePaths = new Set<string>();
  readonly #locate: (name: string) => Promise<LocatedModel>;
  readonly #workerEntry: URL;
  readonly #models = new Map<string, Promise<Model>>();
  readonly #digests = new Map<string, string>();
  readonly #queue: Job[] = [];
  #lanes: WorkerLane[] = [];
  #isClosed = false;
  readonly #onExit = (): void => {
    for (const lane of this.#lanes) lane.leaveNativeCode(EXIT_PATIENCE_MS);
  };

  constructor(options: ModelPoolOptions) {
    this.#threads = Math.max(1, options.threads ?? availableParallelism());
    this.#maxQueued = options.maxQueued ?? 256;
    const providers = resolveProviders(options.providers ?? ['cpu']);
    this.#workerOptions = { providers };
    this.#maxBatch = Math.max(1, options.maxBatch ?? 1);
    const onCpu = providers.every((name) => name === 'cpu');
    const threadsPerRun = Math.max(1, options.threadsPerRun ?? 1);
    this.#isUsual = onCpu && threadsPerRun === 1;
    this.#usualPlaces = { workers: this.#threads, threadsPerRun };
    const workers = workersOfLarge(this.#threads);
    this.#largePlaces = { workers, threadsPerRun: Math.floor(this.#threads / workers) };
    const { locate = (name, form) => locateModel(name, { form }) } = options;
    this.#locate = (name) => locate(name, onCpu ? 'winograd' : 'plain');
    this.#workerEntry = options.workerEntry ?? ownWorkerEntry();
    // The Linux build of onnxruntime carries a client for usage reports, which also leaves files in the temporary
    // folder, unless it is told not to before it is loaded. This program talks to nobody.
    process.env['ORT_DISABLE_TELEMETRY'] = '1';
    process.on('exit', this.#onExit);
  }

  load(name: string): Promise<Model> {
    let model = this.#models.get(name);
    if (model === undefined) {
      model = this.#open(name);
      this.#models.set(name, model);
      model.catch(() => this.#models.delete(name));
    }
    return model;
  }

  loaded(): readonly Pick<Model, 'name' | 'sha256'>[] {
    return [...this.#digests.keys()]
      .sort()
      .map((name) => ({ name, sha256: this.#digests.get(name)! }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#queue.splice(0)) job.settle({ lost: new Error('the pool was closed') });
    await Promise.all(this.#lanes.map((lane) => lane.close()));
    process.off('exit', this.#onExit);
  }

  async #open(name: string): Promise<Model> {
    const model = await this.#locate(name);
    await this.#submit(model, undefined, undefined);
    const { sha256 } = model;
    this.#digests.set(name, sha256);
    return {
      ...{ name, sha256, ...(!this.#isUsual && { runsOn: this.#runsOn() }) },
      run: (inputs, signal) => this.#submit(model, inputs, signal),
    };
  }

  async #submit(
    model: LocatedModel,
    inputs: TensorMap | undefined,
    signal: AbortSignal | undefined,
  ): Promise<TensorMap> {
    if (signal?.aborted === true) throw cancelled(signal.reason);
    // Every waiting run listens to the one signal of its job: many listeners are no leak here.
    if (signal !== undefined) setMaxListeners(0, signal);
    if (this.#isClosed) throw cancelled(new Error('the pool was closed'));
    if (this.#queue.length >= this.#maxQueued) {
      throw new AvdError(
        'resourceExhausted',
        'INFERENCE_QUEUE_FULL',
        `More than ${this.#maxQueued} runs of models are waiting.`,
      );
    }
    const copies = inputs === undefined ? undefined : copyTensors(inputs);
    const result = await new Promise<LaneResult>((resolve, reject) => {
      const job: Job = {
        model,
        inputs: copies,
        caller: callerContext(),
        settle: (settled) => {
          signal?.removeEventListener('abort', onAbort);
          resolve(settled);
        },
      };
      const onAbort = (): void => {
        const position = this.#queue.indexOf(job);
        if (position >= 0) this.#queue.splice(position, 1);
        reject(cancelled(signal?.reason));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(job);
      this.#dispatch();
    });
    return this.#unwrap(model.name, result);
  }

  #unwrap(name: string, result: LaneResult): TensorMap {
    if ('outputs' in result) return result.outputs;
    if (this.#isClosed) throw cancelled('lost' in result ? result.lost : undefined);
    if ('lost' in result) {
      throw new AvdError('model', 'MODEL_CRASHED', `The model ${name} crashed.`, {
        cause: result.lost,
      });
    }
    const { step, message } = result.failure;
    const cause = new Error(message);
    throw step === 'run'
      ? new AvdError('model', 'MODEL_RUN_FAILED', `The model ${name} failed.`, { cause })
      : new AvdError(
          'model',
          'MODEL_LOAD_FAILED',
          `The model ${name} cannot be loaded with ${this.#workerOptions.providers.join(', ')}.`,
          { cause },
        );
  }

  #runsOn(): string {
    return `${this.#workerOptions.providers.join(', ')}; ${this.#usualPlaces.threadsPerRun} threads`;
  }

  #placesOf(name: string): Places {
    return this.#isUsual && LARGE_NETWORKS.has(name) ? this.#largePlaces : this.#usualPlaces;
  }

  #dispatch(): void {
    /** Networks whose threads are all busy: their runs wait, others overtake them. */
    const busy = new Set<string>();
    for (let i = 0; i < this.#queue.length;) {
      const { model } = this.#queue[i]!;
      const lane = busy.has(model.path) ? undefined : this.#leastBusyLane(model);
      if (lane === undefined) {
        busy.add(model.path);
        i++;
      } else void this.#run(lane, this.#takeBatch(i));
    }
  }

  /** Takes a run out of the queue, and those behind it which can go with it. */
  #takeBatch(position: number): Job[] {
    const [first] = this.#queue.splice(position, 1);
    const { model, inputs } = first!;
    const batch = [first!];
    if (inputs === undefined || !this.#batchablePaths.has(model.path)) return batch;
    const key = batchKey(inputs);
    for (let i = position; i < this.#queue.length && batch.length < this.#maxBatch;) {
      const job = this.#queue[i]!;
      const fits =
        job.model.path === model.path && job.inputs !== undefined && batchKey(job.inputs) === key;
      if (fits) batch.push(...this.#queue.splice(i, 1));
      else i++;
    }
    return batch;
  }

  async #run(lane: WorkerLane, batch: readonly Job[]): Promise<void> {
    const { model, inputs } = batch[0]!;
    const parts = batch.map((job) => job.inputs ?? {});
    const rowCounts = parts.map(rowCount);
    const endTrace = traceRun(
      batch.map(({ caller }) => caller),
      {
        model: model.name,
        sha256: model.sha256,
        provider: this.#workerOptions.providers[0]!,
        batchSize: batch.length,
      },
    );
    const result = await lane.send(
      model.path,
      this.#placesOf(model.name).threadsPerRun,
      inputs === undefined ? undefined : joinInputs(parts),
    );
    endTrace(!('outputs' in result));
    if ('outputs' in result) {
      const { outputs, isBatchable } = result;
      if (isBatchable && this.#maxBatch > 1) this.#batchablePaths.add(model.path);
      const rows = batch.length === 1 ? [outputs] : splitOutputs(outputs, rowCounts);
      for (const [i, job] of batch.entries()) job.settle({ outputs: rows[i]!, isBatchable });
    } else if (batch.length > 1 && 'failure' in result) {
      // One caller's bad input must not fail the others.
      for (const job of batch) await this.#run(lane, [job]);
      return;
    } else {
      for (const job of batch) job.settle(result);
    }
    this.#dispatch();
  }

  /**
   * A thread that can take a request: idle before new before busy; among equals one that has the model. A network with
   * several threads in a run has so many fewer places.
   */
  #leastBusyLane({ name, path }: LocatedModel): WorkerLane | undefined {
    this.#lanes = this.#lanes.filter((lane) => !lane.isLost);
    const { workers } = this.#placesOf(name);
    let best: WorkerLane | undefined;
    let bestCost = REQUESTS_PER_LANE;
    for (const lane of this.#lanes.slice(0, workers)) {
      const cost = lane.requestCount + (lane.hasModel(path) ? 0 : 0.5);
      if (lane.requestCount < REQUESTS_PER_LANE && cost < bestCost) {
        best = lane;
        bestCost = cost;
      }
    }
    if ((best === undefined || best.requestCount > 0) && this.#lanes.length < workers) {
      best = new WorkerLane(this.#workerEntry, this.#workerOptions);
      this.#lanes.push(best);
    }
    return best;
  }
}

function cancelled(reason: unknown): AvdError {
  return new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.', { cause: reason });
}

function copyTensors(inputs: TensorMap): TensorMap {
  const copies: Record<string, Tensor> = {};
  for (const [name, { data, dims }] of Object.entries(inputs)) {
    copies[name] = { data: copyData(data), dims };
  }
  return copies;
}

/** A copy with a buffer of its own, which can be handed over; slice() of a Buffer would share memory. */
function copyData(data: Tensor['data']): Tensor['data'] {
  if (data instanceof Float32Array) return new Float32Array(data);
  if (data instanceof Uint8Array) return new Uint8Array(data);
  if (data instanceof Int32Array) return new Int32Array(data);
  return new BigInt64Array(data);
}

function ownWorkerEntry(): URL {
  // By package name, so that tests that run the sources find the built worker as well.
  return pathToFileURL(createRequire(import.meta.url).resolve('@avd/inference/worker'));
}
