import { tmpdir } from 'node:os';
import path from 'node:path';
import { address, url } from './fields/network.js';
import { bytes, integer, seconds } from './fields/numbers.js';
import { optional } from './fields/setting.js';
import { boolean, choice, filePath, list, pathList } from './fields/texts.js';
import { defineSettings, type Settings } from './settings-schema.js';

/** The variables of every service. */
export const commonSettings = defineSettings(
  {
    natsUrl: url('AVD_NATS_URL', ['nats', 'tls', 'ws', 'wss'], {
      description: 'Servers of NATS, separated by commas.',
      defaultText: 'nats://127.0.0.1:4222',
    }),
    natsCredsFile: optional(
      filePath('AVD_NATS_CREDS_FILE', { description: 'Credentials for NATS (.creds file).' }),
    ),
    natsReplicas: integer('AVD_NATS_REPLICAS', {
      description: 'Copies that NATS keeps of every stream; needs as many servers.',
      defaultText: '1',
      max: 5,
    }),
    blobStore: url('AVD_BLOB_STORE', ['file', 's3', 'nats-obj'], {
      description:
        'Where results are kept: file:///folder, s3://bucket/prefix or nats-obj://bucket (small set-ups only).',
      defaultText: 'nats-obj://avd_blobs',
    }),
    grpcAddress: address('AVD_GRPC_ADDRESS', {
      description: 'Where gRPC listens.',
      defaultText: '0.0.0.0:50051',
    }),
    tlsCertFile: optional(
      filePath('AVD_TLS_CERT_FILE', {
        description: 'Certificate of the server (PEM); turns TLS on.',
      }),
    ),
    tlsKeyFile: optional(
      filePath('AVD_TLS_KEY_FILE', { description: 'Private key of the certificate (PEM).' }),
    ),
    tlsCaFile: optional(
      filePath('AVD_TLS_CA_FILE', {
        description:
          'Certificates which clients are checked against (PEM); with it every client must show one.',
      }),
    ),
    workDir: filePath('AVD_WORK_DIR', {
      description: 'Folder for temporary files.',
      defaultText: path.join(tmpdir(), 'avd'),
    }),
    mediaRoots: pathList('AVD_MEDIA_ROOTS', {
      description: 'Folders, separated by commas, from which recordings may be read; empty = none.',
      defaultText: '',
    }),
    mediaHosts: list('AVD_MEDIA_HOSTS', {
      description:
        'Hosts, separated by commas, from which recordings may be fetched; empty = none.',
      defaultText: '',
    }),
    mediaAllowPrivate: boolean('AVD_MEDIA_ALLOW_PRIVATE', {
      description: 'Whether recordings may be fetched from private addresses.',
      defaultText: 'false',
    }),
    mediaBuckets: list('AVD_MEDIA_BUCKETS', {
      description:
        'S3 buckets, separated by commas, from which recordings may be read; empty = none.',
      defaultText: '',
    }),
    mediaS3Endpoint: optional(
      url('AVD_MEDIA_S3_ENDPOINT', ['http', 'https'], {
        description: 'Where those buckets are, if not at AWS; its addresses are path-style.',
      }),
    ),
    mediaCacheBytes: bytes('AVD_MEDIA_CACHE_BYTES', {
      description: 'Fetched recordings kept in the work folder; the longest unused go first.',
      defaultText: '20GiB',
    }),
    logLevel: choice('AVD_LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], {
      description: 'Least important log lines written: debug, info, warn, error or silent.',
      defaultText: 'info',
    }),
    shutdownGraceSec: seconds('AVD_SHUTDOWN_GRACE_SEC', {
      description: 'Time for unfinished work at the end; the rest is handed back.',
      defaultText: '60',
      min: 0,
    }),
    ackWaitSec: seconds('AVD_ACK_WAIT_SEC', {
      description: 'Time without a sign of life after which a task goes to another worker.',
      defaultText: '30',
    }),
    maxAttempts: integer('AVD_MAX_ATTEMPTS', {
      description: 'Attempts at a task before it is given up.',
      defaultText: '5',
      max: 100,
    }),
    taskTimeoutSec: seconds('AVD_TASK_TIMEOUT_SEC', {
      description: 'Longest time of one attempt at a task.',
      defaultText: '900',
    }),
  },
  [
    ({ tlsCertFile, tlsKeyFile }) =>
      tlsCertFile !== undefined && tlsKeyFile === undefined
        ? { property: 'tlsKeyFile', problem: 'is not set, but AVD_TLS_CERT_FILE is' }
        : undefined,
    ({ tlsCertFile, tlsKeyFile }) =>
      tlsCertFile === undefined && tlsKeyFile !== undefined
        ? { property: 'tlsCertFile', problem: 'is not set, but AVD_TLS_KEY_FILE is' }
        : undefined,
    ({ tlsCaFile, tlsCertFile }) =>
      tlsCaFile !== undefined && tlsCertFile === undefined
        ? { property: 'tlsCertFile', problem: 'is not set, but AVD_TLS_CA_FILE is' }
        : undefined,
  ],
);
export type CommonSettings = Settings<typeof commonSettings>;
