import { startTaskWorker } from '@avd/stage-host';
import type { Messaging, TaskWorker } from '@avd/messaging';
import { assembleResultHandler } from './assemble-result.js';
import { prepareMediaHandler, type MediaTaskOptions } from './prepare-media.js';

export interface MediaWorkerOptions extends MediaTaskOptions {
  readonly messaging: Messaging;
  readonly workerName: string;
  readonly slots: number;
  readonly maxAttempts: number;
  readonly timeoutSec: number;
}

/** The orchestrators' own queue: what comes before and after the stages. */
export function startMediaWorker(options: MediaWorkerOptions): TaskWorker {
  const { messaging, workerName, slots, maxAttempts, timeoutSec } = options;
  return startTaskWorker({
    ...{ messaging, workerName, slots, maxAttempts, timeoutSec },
    stage: 'media',
    handlers: {
      prepareMedia: prepareMediaHandler(options),
      assembleResult: assembleResultHandler(options),
    },
  });
}
