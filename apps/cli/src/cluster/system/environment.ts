import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { orchestratorSettings, workerSettings } from '@avd/config';
import { AvdError } from '@avd/domain';
import type { DataFolder } from './data-folder.js';
import type { SystemService } from './services.js';

/** What all services of a system share. */
export interface SystemSettings {
  readonly data: DataFolder;
  readonly natsUrl: string;
  /** Folders from which recordings may be read, besides the folder of uploads. */
  readonly mediaRoots: readonly string[];
  /** @default a folder of the data folder */
  readonly blobStore?: string;
  /** Threads of each stage. @default all cores */
  readonly threads?: number;
  /** Tasks of each stage's process at a time. @default by stage */
  readonly slots?: number;
  /** Time for unfinished work at the end. */
  readonly graceSec: number;
  /** More variables, for every service. */
  readonly env: Readonly<Record<string, string>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Variables of the services' libraries, which no schema lists. */
const LIBRARY_VARIABLES = ['AVD_FFMPEG', 'AVD_FFPROBE', 'AVD_MODEL_MIRROR', 'AVD_DEBUG'];
/** TLS of the user's own client; inside one machine the services speak plain text. */
const isTlsVariable = (name: string): boolean => name.startsWith('AVD_TLS_');

/**
 * Environment of one service's process: what is not ours (PATH, OTEL_*) as it is, of our variables those that the service
 * reads, and what this system decides.
 */
export function serviceEnvironment(
  service: SystemService,
  ports: { readonly grpc: number; readonly http?: number },
  settings: SystemSettings,
  inherited: Env = process.env,
): Env {
  const { data } = settings;
  const isStage = service.kind === 'stage';
  const schema = isStage ? workerSettings : orchestratorSettings;
  const known = new Set<string>([
    ...Object.values(schema.fields).map(({ variable }) => variable),
    ...LIBRARY_VARIABLES,
  ]);
  const kept = Object.entries(inherited).filter(
    ([name]) => !name.startsWith('AVD_') || (known.has(name) && !isTlsVariable(name)),
  );
  const stageOnly = {
    AVD_THREADS: String(
      settings.threads ?? numberIn(inherited['AVD_THREADS']) ?? availableParallelism(),
    ),
    AVD_SLOTS: String(settings.slots ?? numberIn(inherited['AVD_SLOTS']) ?? service.slots),
  };
  return {
    ...Object.fromEntries(kept),
    AVD_NATS_URL: settings.natsUrl,
    AVD_GRPC_ADDRESS: `127.0.0.1:${ports.grpc}`,
    AVD_BLOB_STORE: settings.blobStore ?? pathToFileURL(data.blobs).href,
    AVD_WORK_DIR: data.work,
    AVD_MEDIA_ROOTS: [...settings.mediaRoots, data.uploads].map(checkedRoot).join(','),
    AVD_SHUTDOWN_GRACE_SEC: String(settings.graceSec),
    ...(isStage ? stageOnly : {}),
    ...(ports.http === undefined ? {} : { AVD_HTTP_ADDRESS: `127.0.0.1:${ports.http}` }),
    ...settings.env,
  };
}

function numberIn(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

function checkedRoot(folder: string): string {
  if (!folder.includes(',')) return folder;
  throw new AvdError(
    'invalidInput',
    'BAD_OPTION',
    `The folder ${folder} has a comma in its name, so it cannot be a media root; rename it or choose others with --media-root.`,
  );
}
