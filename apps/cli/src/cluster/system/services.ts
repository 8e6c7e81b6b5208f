import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { AvdError } from '@avd/domain';

/** One kind of service that a system consists of. */
export interface SystemService {
  readonly name: string;
  readonly kind: 'orchestrator' | 'stage';
  /** JavaScript file of its process. */
  readonly entry: string;
  /** Service whose health says whether it can work. */
  readonly healthName: string;
  /** Tasks that one process does at a time, unless told otherwise. */
  readonly slots: number;
}

interface KnownService extends Omit<SystemService, 'entry'> {
  readonly packageName: string;
}

const STAGE_PACKAGE = 'avdiarization.stage.v1.';

/** Reading pictures waits for ffmpeg between two batches, so two tasks at a time keep the cores busy; as in `avd diarize`. */
const KNOWN: readonly KnownService[] = [
  {
    ...{ name: 'orchestrator', kind: 'orchestrator', packageName: '@avd/orchestrator' },
    ...{ healthName: 'avdiarization.v1.DiarizationService', slots: 1 },
  },
  {
    ...{ name: 'face-track', kind: 'stage', packageName: '@avd/face-track' },
    ...{ healthName: `${STAGE_PACKAGE}FaceTrackService`, slots: 2 },
  },
  {
    ...{ name: 'syncnet', kind: 'stage', packageName: '@avd/syncnet' },
    ...{ healthName: `${STAGE_PACKAGE}SyncNetService`, slots: 2 },
  },
  {
    ...{ name: 'vad', kind: 'stage', packageName: '@avd/vad' },
    ...{ healthName: `${STAGE_PACKAGE}VadService`, slots: 1 },
  },
  {
    ...{ name: 'embed', kind: 'stage', packageName: '@avd/embed' },
    ...{ healthName: `${STAGE_PACKAGE}EmbedService`, slots: 1 },
  },
  {
    ...{ name: 'cluster', kind: 'stage', packageName: '@avd/cluster' },
    ...{ healthName: `${STAGE_PACKAGE}ClusterService`, slots: 1 },
  },
];

/** Names for `--replicas`. */
export const SERVICE_NAMES: readonly string[] = KNOWN.map(({ name }) => name);

/**
 * The services of this installation.
 * @throws AvdError precondition NOT_BUILT where one is missing
 */
export function installedServices(): SystemService[] {
  const { resolve } = createRequire(import.meta.url);
  return KNOWN.map(({ packageName, ...service }) => {
    let entry: string | undefined;
    try {
      entry = path.join(path.dirname(resolve(packageName)), 'main.js');
    } catch {
      entry = undefined;
    }
    if (entry === undefined || !existsSync(entry)) {
      throw new AvdError(
        'precondition',
        'NOT_BUILT',
        `The service ${service.name} is not built; run npm install and npm run build first.`,
      );
    }
    return { ...service, entry };
  });
}
