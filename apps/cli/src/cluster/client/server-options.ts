import type { ClientTlsFiles } from '@avd/rpc';
import { badOption, type ParsedArguments } from '../../arguments.js';

const text = { type: 'string' } as const;

/** Options of every command that talks to a server. */
export const SERVER_OPTIONS = {
  server: text,
  tls: { type: 'boolean' },
  ca: text,
  cert: text,
  key: text,
  help: { type: 'boolean', short: 'h' },
} as const;

export const SERVER_HELP = `Server:
      --server HOST:PORT  the server to talk to (default: AVD_SERVER, else 127.0.0.1:50051)
      --tls               encrypted, the server's certificate checked against those of this system
      --ca FILE           encrypted, the certificate checked against this one (AVD_TLS_CA_FILE)
      --cert FILE --key FILE   certificate and key to show to the server (AVD_TLS_CERT_FILE, AVD_TLS_KEY_FILE)
`;

export const DEFAULT_SERVER = '127.0.0.1:50051';

/** Beginnings of a gRPC target. */
const SCHEME = /^(?:dns|ipv4|ipv6|unix|xds|passthrough):/;

/** Where a server is, and how to reach it. */
export interface ServerChoice {
  /** HOST:PORT or a gRPC target. */
  readonly address: string;
  /** Absent: plain text. */
  readonly tls?: ClientTlsFiles;
}

/** @throws AvdError invalidInput BAD_OPTION */
export function parseServer(
  { values }: ParsedArguments,
  env: Readonly<Record<string, string | undefined>> = process.env,
): ServerChoice {
  const choose = (option: string, variable: string): string | undefined => {
    const value = (values[option] as string | undefined) ?? env[variable];
    return value === undefined || value === '' ? undefined : value;
  };
  const address = choose('server', 'AVD_SERVER') ?? DEFAULT_SERVER;
  if (!/:\d+$/.test(address) && !SCHEME.test(address)) {
    throw badOption(`--server must be HOST:PORT, as ${DEFAULT_SERVER}, not "${address}".`);
  }
  const caFile = choose('ca', 'AVD_TLS_CA_FILE');
  const certFile = choose('cert', 'AVD_TLS_CERT_FILE');
  const keyFile = choose('key', 'AVD_TLS_KEY_FILE');
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw badOption('--cert and --key belong together; give both or none.');
  }
  const files = {
    ...(caFile !== undefined && { caFile }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
  };
  const isEncrypted = values['tls'] === true || Object.keys(files).length > 0;
  return isEncrypted ? { address, tls: files } : { address };
}

/** Whether the server is on this machine, so that it can read our files where they are. */
export function isOnThisMachine(address: string): boolean {
  const text = address.replace(SCHEME, '').replace(/^\/\/[^/]*\//, '');
  const host = text.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host);
}
