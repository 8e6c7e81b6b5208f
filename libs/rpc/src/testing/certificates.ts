import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a CA and a certificate for localhost in `folder`. Undefined where openssl is not installed. */
export function makeCertificates(folder: string): Certificates | undefined {
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl('version');
  } catch {
    return undefined;
  }
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2'],
    ...['-subj', '/CN=avd test CA'],
  );
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', 'own.key', '-out', 'own.pem', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-addext', 'basicConstraints=critical,CA:FALSE', '-CA', 'ca.pem', '-CAkey', 'ca.key'],
  );
  return { caFile: at('ca.pem'), certFile: at('own.pem'), keyFile: at('own.key') };
}
