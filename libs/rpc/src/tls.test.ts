import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeCertificates } from './testing/certificates.js';
import { startEcho } from './testing/echo-server.js';
import { clientCredentials, serverCredentials } from './tls.js';

const folder = mkdtempSync(join(tmpdir(), 'avd-rpc-tls-'));
const files = makeCertificates(folder);
if (files === undefined) console.warn('TLS tests skipped: openssl is not installed.');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(files === undefined)('TLS', () => {
  const { caFile, certFile, keyFile } = files ?? { caFile: '', certFile: '', keyFile: '' };

  it('keeps the call secret with the certificate of the server', async () => {
    const echo = await startEcho({}, { tls: { certFile, keyFile } }, { tls: { caFile } });
    expect(await echo.client.call('say', { text: 'x' })).toEqual({ text: 'x' });
    await echo.close();
  });

  it('refuses a client that does not trust the server', async () => {
    const echo = await startEcho({}, { tls: { certFile, keyFile } }, { tls: {} });
    await expect(echo.client.call('say', { text: 'x' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await echo.close();
  });

  it('lets only clients with a certificate in where the server has a CA', async () => {
    const tls = { certFile, keyFile, caFile };
    const known = await startEcho({}, { tls }, { tls });
    expect(await known.client.call('say', { text: 'x' })).toEqual({ text: 'x' });
    await known.close();
    const stranger = await startEcho({}, { tls }, { tls: { caFile } });
    await expect(stranger.client.call('say', { text: 'x' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await stranger.close();
  });

  it('checks the name that the client expects', async () => {
    const echo = await startEcho(
      {},
      { tls: { certFile, keyFile } },
      { tls: { caFile, serverName: 'other.example' } },
    );
    await expect(echo.client.call('say', { text: 'x' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    await echo.close();
  });
});

describe('TLS files', () => {
  it('are named when they cannot be read', async () => {
    const missing = join(folder, 'missing.pem');
    await expect(serverCredentials({ certFile: missing, keyFile: missing })).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'TLS_FILE',
      details: { file: missing },
    });
    await expect(clientCredentials({ caFile: missing })).rejects.toMatchObject({
      reason: 'TLS_FILE',
    });
  });

  it('are named when they hold something else', async () => {
    const wrong = join(folder, 'wrong.pem');
    writeFileSync(wrong, 'no certificate');
    await expect(
      clientCredentials({ caFile: wrong, certFile: wrong, keyFile: wrong }),
    ).rejects.toMatchObject({ reason: 'TLS_FILE' });
    await expect(serverCredentials({ certFile: wrong, keyFile: wrong })).rejects.toMatchObject({
      reason: 'TLS_FILE',
    });
  });

  it('of a client come as a pair', async () => {
    await expect(clientCredentials({ certFile: 'a.pem' })).rejects.toMatchObject({
      reason: 'TLS_FILE',
    });
  });
});
