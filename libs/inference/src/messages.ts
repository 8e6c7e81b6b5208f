import type { Tensor } from '@avd/stage-kit';
import type { NativeGuard } from './native-guard.js';

/** What the pool sends to a worker thread: run a network, or only load it when there are no inputs. */
export interface WorkerRequest {
  readonly id: number;
  readonly modelPath: string;
  /** Threads inside of a run; the same in every request for a network. */
  readonly threadsPerRun: number;
  readonly inputs?: TensorMap;
}

/** Instead of a request: end the thread. */
export const CLOSE = 'close';

export type TensorMap = Readonly<Record<string, Tensor>>;

/** What comes back. */
export type WorkerReply =
  | {
      readonly id: number;
      readonly outputs: TensorMap;
      /** Whether the network takes the inputs of several callers in one run. */
      readonly isBatchable: boolean;
    }
  | { readonly id: number; readonly failure: WorkerFailure };

export interface WorkerFailure {
  readonly step: 'load' | 'run';
  /** Message of the runtime: for logs. */
  readonly message: string;
}

/** `workerData` of the worker thread. */
export interface WorkerSettings {
  /** Execution providers in order of preference, as onnxruntime names them. */
  readonly providers: readonly string[];
  readonly guard: NativeGuard;
}
