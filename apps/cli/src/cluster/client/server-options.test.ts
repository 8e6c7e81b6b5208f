import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../arguments.js';
import { isOnThisMachine, parseServer, SERVER_OPTIONS } from './server-options.js';

const parse = (argv: readonly string[], env: Record<string, string> = {}) =>
  parseServer(parseCommandLine(argv, SERVER_OPTIONS), env);

describe('the address of the server', () => {
  it('comes from the option, else from AVD_SERVER, else it is the usual one', () => {
    const env = { AVD_SERVER: 'b:2' };
    expect(parse(['--server', 'a:1'], env)).toEqual({ address: 'a:1' });
    expect(parse([], env)).toEqual({ address: 'b:2' });
    expect(parse([], { AVD_SERVER: '' })).toEqual({ address: '127.0.0.1:50051' });
    expect(parse(['--server', 'dns:///avd.example.org'])).toEqual({
      address: 'dns:///avd.example.org',
    });
  });

  it('is encrypted when asked for, or when there is a file for it', () => {
    expect(parse(['--tls'])).toMatchObject({ tls: {} });
    expect(parse(['--ca', 'ca.pem']).tls).toEqual({ caFile: 'ca.pem' });
    const env = { AVD_TLS_CERT_FILE: 'c.pem', AVD_TLS_KEY_FILE: 'k.pem' };
    expect(parse(['--key', 'other.pem'], env).tls).toEqual({
      certFile: 'c.pem',
      keyFile: 'other.pem',
    });
  });

  it.each([
    ['127.0.0.1:50051', true],
    ['localhost:1', true],
    ['[::1]:50051', true],
    ['dns:///localhost:1', true],
    ['avd.example.org:443', false],
    ['127.example.org:443', false],
    ['10.0.0.1:50051', false],
  ])('%s is on this machine: %s', (address, isHere) => {
    expect(isOnThisMachine(address)).toBe(isHere);
  });
});
