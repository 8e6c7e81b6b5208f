import { badOption, parseCommandLine, wholeNumber } from '../../arguments.js';
import type { OutputMode } from '../../progress/create-reporter.js';
import { defaultDataDir } from './data-folder.js';
import { SERVICE_NAMES } from './services.js';
import type { StartSystemOptions } from './system-types.js';

export const UP_HELP = `avd up - the whole system on this machine

Usage: avd up [options]

Starts NATS, the orchestrator and every stage as a process of its own, keeps them alive, and waits. It
needs nats-server: sudo apt-get install nats-server (or --nats for one that runs).

      --replicas LIST     processes of a service, as syncnet=3,vad=2 (default: 1 of each)
                          ${SERVICE_NAMES.join(', ')}
      --port N            port for gRPC (default: 50051)
      --http-port N       port for the pages (default: 8080 where that is free)
      --data DIR          folder for jobs, results and logs (default: ~/.local/share/avd);
                          a system started there again goes on with its jobs
      --media-root DIR    folder from which recordings may be read; may be given several times
                          (default: this folder). DATA/uploads can always be read
      --threads N         threads of each stage's process (default: all cores)
      --slots N           tasks of each stage's process at a time (default: by stage)
      --blob-store URL    where results are kept: file://, s3:// or nats-obj:// (default: DATA/blobs)
      --nats URL          use this NATS instead of starting one
      --json              one JSON object on standard output when all is ready: addresses and pids
      --quiet             print nothing but errors
  -h, --help

Settings of the services (AVD_MODEL_DIR, AVD_CHUNK_FRAMES …) and of OpenTelemetry (OTEL_…) are passed on
from the environment; node services/orchestrator/dist/main.js --help lists them.

A service that dies or hangs is started again; one that dies at every start ends the system, and its
last words are printed. Ctrl-C stops everything in order.

Examples:
  avd up --media-root ~/videos
  avd up --replicas syncnet=3,face-track=2 --threads 2
  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 avd up
`;

const DEFAULT_PORT = 50051;
const MAX_PORT = 65_535;

export interface UpOptions {
  readonly output: OutputMode;
  readonly system: StartSystemOptions & { readonly port: number };
}

/** @returns undefined when help was asked for. @throws AvdError invalidInput BAD_OPTION */
export function parseUpOptions(argv: readonly string[]): UpOptions | undefined {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const parsed = parseCommandLine(argv, {
    ...{ replicas: text, port: text, 'http-port': text, data: text, threads: text, slots: text },
    ...{ 'blob-store': text, nats: text, json: flag, quiet: flag },
    'media-root': { type: 'string', multiple: true },
    help: { type: 'boolean', short: 'h' },
  });
  const { values, positionals } = parsed;
  if (values['help'] === true) return undefined;
  if (positionals.length > 0) throw badOption('avd up takes options only; see --help.');
  const httpPort = wholeNumber(parsed, 'http-port', 1, MAX_PORT);
  const threads = wholeNumber(parsed, 'threads', 1, 256);
  const slots = wholeNumber(parsed, 'slots', 1, 256);
  const mediaRoots = values['media-root'] as string[] | undefined;
  const blobStore = values['blob-store'] as string | undefined;
  const natsUrl = values['nats'] as string | undefined;
  return {
    output: values['json'] === true ? 'json' : values['quiet'] === true ? 'quiet' : 'person',
    system: {
      dataDir: (values['data'] as string | undefined) ?? defaultDataDir(),
      port: wholeNumber(parsed, 'port', 1, MAX_PORT) ?? DEFAULT_PORT,
      replicas: parseReplicas((values['replicas'] as string | undefined) ?? ''),
      ...(httpPort !== undefined && { httpPort }),
      ...(threads !== undefined && { threads }),
      ...(slots !== undefined && { slots }),
      ...(mediaRoots !== undefined && { mediaRoots }),
      ...(blobStore !== undefined && { blobStore }),
      ...(natsUrl !== undefined && { natsUrl }),
    },
  };
}

const MAX_REPLICAS = 64;

function parseReplicas(list: string): Record<string, number> {
  const entries = list.split(',').filter((item) => item.trim() !== '');
  return Object.fromEntries(
    entries.map((item): [string, number] => {
      const [name = '', digits = ''] = item.split('=').map((part) => part.trim());
      const count = /^\d+$/.test(digits) ? Number(digits) : 0;
      if (!SERVICE_NAMES.includes(name)) {
        throw badOption(`--replicas knows ${SERVICE_NAMES.join(', ')}, but not "${name}".`);
      }
      if (count < 1 || count > MAX_REPLICAS) {
        throw badOption(`--replicas ${name} must be a number from 1 to ${MAX_REPLICAS}.`);
      }
      return [name, count];
    }),
  );
}
