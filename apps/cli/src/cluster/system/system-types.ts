import type { AvdError } from '@avd/domain';
import type { LogSeverity } from '../processes/process-log.js';
import type { SupervisedProcess } from '../processes/supervise.js';
import type { Timings } from '../processes/timings.js';
import type { SystemService } from './services.js';

export interface StartSystemOptions {
  /** Folder for all state: a system that is started there again goes on with its jobs. */
  readonly dataDir: string;
  /** Processes of each service by its name, e.g. `{ syncnet: 3 }`. @default 1 of each */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Port of the first orchestrator's gRPC. @default a free one */
  readonly port?: number;
  /** Port of the first orchestrator's pages. @default a free one */
  readonly httpPort?: number;
  /** Folders from which recordings may be read, besides the data folder's `uploads`. @default the current folder */
  readonly mediaRoots?: readonly string[];
  /** Threads of each stage's process. @default AVD_THREADS, else all cores */
  readonly threads?: number;
  /** Tasks of each stage's process at a time. @default AVD_SLOTS, else by stage */
  readonly slots?: number;
  /** URL of the blob store. @default a folder of the data folder */
  readonly blobStore?: string;
  /** URL of a NATS that runs. @default one of its own is started */
  readonly natsUrl?: string;
  /** More environment variables for every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time that unfinished work has when the system stops. @default 5 */
  readonly graceSec?: number;
  /** Stops the start; a system that is ready goes on. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SystemEvent) => void;
  /** @default those of this installation */
  readonly services?: readonly SystemService[];
  /** @default as for real */
  readonly timings?: Partial<Timings>;
}

/** Something that happened to a process of the system. */
export type SystemEvent =
  /** It ended or hung, and is started again. */
  | { readonly type: 'restart'; readonly process: string; readonly sentence: string }
  /** It wrote a warning or an error. */
  | {
      readonly type: 'log';
      readonly process: string;
      readonly severity: LogSeverity;
      readonly text: string;
    };

export interface RunningSystem extends AsyncDisposable {
  /** HOST:PORT for clients: the first orchestrator. */
  readonly server: string;
  /** Where the first orchestrator's pages are, e.g. `http://127.0.0.1:8080`. */
  readonly httpUrl: string;
  readonly natsUrl: string;
  readonly dataDir: string;
  /** All of them, NATS first where it is the system's own. */
  readonly processes: readonly SupervisedProcess[];
  /** Resolves, with the reason, when a process was given up; the others go on until the system is stopped. */
  readonly failed: Promise<AvdError>;
  /** Stops everything in order: the services, then NATS. */
  stop(): Promise<void>;
}
