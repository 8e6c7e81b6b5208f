import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ChannelCredentials, ServerCredentials } from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';

/** PEM files of a server: its certificate chain and key; with `caFile` only clients with a certificate of that CA get in. */
export interface ServerTlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile?: string;
}

/** PEM files of a client: the CA that it trusts (else the system's), and its own certificate and key for mTLS. */
export interface ClientTlsFiles {
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Name in the server's certificate, where it is not the one in the address. */
  readonly serverName?: string;
}

/** Without files: plain text. Throws an AvdError (`precondition`, TLS_FILE) that names a missing or unusable file. */
export async function serverCredentials(files?: ServerTlsFiles): Promise<ServerCredentials> {
  if (files === undefined) return ServerCredentials.createInsecure();
  const [certificate, key, ca] = await Promise.all([
    readPem(files.certFile),
    readPem(files.keyFile),
    readOptionalPem(files.caFile),
  ]);
  return usable(files.certFile, () => {
    // grpc-js would find a wrong file only when the first client comes.
    createSecureContext({ cert: certificate, key, ...(ca === null ? {} : { ca }) });
    const pair = { cert_chain: certificate, private_key: key };
    return ServerCredentials.createSsl(ca, [pair], ca !== null);
  });
}

/** As serverCredentials, for a client. */
export async function clientCredentials(files?: ClientTlsFiles): Promise<ChannelCredentials> {
  if (files === undefined) return ChannelCredentials.createInsecure();
  if ((files.certFile === undefined) !== (files.keyFile === undefined)) {
    throw new AvdError(
      'precondition',
      'TLS_FILE',
      'A client certificate needs its key and a key its certificate; give both files or none.',
    );
  }
  const [ca, certificate, key] = await Promise.all([
    readOptionalPem(files.caFile),
    readOptionalPem(files.certFile),
    readOptionalPem(files.keyFile),
  ]);
  return usable(files.certFile ?? files.caFile ?? '', () =>
    ChannelCredentials.createSsl(ca, key, certificate),
  );
}

async function readOptionalPem(file: string | undefined): Promise<Buffer | null> {
  return file === undefined ? null : readPem(file);
}

async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw tlsFileError(`The TLS file ${file} cannot be read.`, file, error);
  }
}

function usable<T>(file: string, create: () => T): T {
  try {
    return create();
  } catch (error) {
    throw tlsFileError(
      `The TLS files around ${file} are not a PEM certificate and its key.`,
      file,
      error,
    );
  }
}

function tlsFileError(message: string, file: string, cause: unknown): AvdError {
  return new AvdError('precondition', 'TLS_FILE', message, { details: { file }, cause });
}
