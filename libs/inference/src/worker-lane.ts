import { Worker } from 'node:worker_threads';
import { CLOSE } from './messages.js';
import type {
  TensorMap,
  WorkerFailure,
  WorkerReply,
  WorkerRequest,
  WorkerSettings,
} from './messages.js';
import { createNativeGuard, stopEntering, waitUntilOutside } from './native-guard.js';

/** Answer of a worker thread: outputs, or why there are none. `lost`: the thread died before it answered. */
export type LaneResult =
  | { readonly outputs: TensorMap; readonly isBatchable: boolean }
  | { readonly failure: WorkerFailure }
  | { readonly lost: Error };

/** One worker thread and the requests it has been given. */
export class WorkerLane {
  readonly #worker: Worker;
  readonly #guard = createNativeGuard();
  readonly #waiting = new Map<number, (result: LaneResult) => void>();
  readonly #models = new Set<string>();
  #nextId = 0;
  #lost: Error | undefined;

  constructor(entry: URL, options: Omit<WorkerSettings, 'guard'>) {
    const settings: WorkerSettings = { ...options, guard: this.#guard };
    this.#worker = new Worker(entry, {
      workerData: settings,
      name: 'avd-inference',
      // Flags of the host process, such as --input-type, are not meant for this script.
      execArgv: [],
    });
    // An idle pool must not keep the process alive.
    this.#worker.unref();
    this.#worker.on('message', (reply: WorkerReply) => this.#settle(reply));
    this.#worker.on('messageerror', (error) => this.#lose(error));
    this.#worker.on('error', (error) => this.#lose(error));
    this.#worker.on('exit', (code) => this.#lose(new Error(`worker ended with code ${code}`)));
  }

  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Requests given to the thread and not answered yet. */
  get requestCount(): number {
    return this.#waiting.size;
  }

  hasModel(modelPath: string): boolean {
    return this.#models.has(modelPath);
  }

  /** Takes over the buffers of `inputs`. Always settles, never rejects. */
  send(
    modelPath: string,
    threadsPerRun: number,
    inputs: TensorMap | undefined,
  ): Promise<LaneResult> {
    if (this.#lost !== undefined) return Promise.resolve({ lost: this.#lost });
    const id = this.#nextId++;
    const request: WorkerRequest = { id, modelPath, threadsPerRun, ...(inputs && { inputs }) };
    const buffers = Object.values(inputs ?? {}).map((tensor) => tensor.data.buffer as ArrayBuffer);
    this.#models.add(modelPath);
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, resolve);
      this.#worker.postMessage(request, buffers);
    });
  }

  /** Gives up what waits and ends the thread after the run under way. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#lose(new Error('the pool was closed'));
    stopEntering(this.#guard);
    this.#worker.ref();
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.postMessage(CLOSE);
    await ended;
  }

  /** For the exit of the process, where nothing can be awaited: blocks until the run under way is over. */
  leaveNativeCode(timeoutMs: number): void {
    stopEntering(this.#guard);
    waitUntilOutside(this.#guard, timeoutMs);
  }

  #settle(reply: WorkerReply): void {
    const resolve = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    // An answer that comes while the thread is being closed must not free the process from waiting for its end.
    if (this.#waiting.size === 0 && this.#lost === undefined) this.#worker.unref();
    resolve?.(reply);
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    for (const resolve of this.#waiting.values()) resolve({ lost: this.#lost });
    this.#waiting.clear();
  }
}
