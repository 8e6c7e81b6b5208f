import { AvdError } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import { address, url } from './fields/network.js';
import { bytes, integer, seconds } from './fields/numbers.js';
import { optional, setting } from './fields/setting.js';
import { boolean, choice, filePath, list, pathList, text } from './fields/texts.js';
import { parseConfig, type Env } from './parse-config.js';
import {
  defineSettings,
  extendSettings,
  type Fields,
  type SettingsSchema,
} from './settings-schema.js';

const description = 'A test.';
const schema = defineSettings({
  natsUrl: url('AVD_NATS_URL', ['nats', 'tls'], { description, defaultText: 'nats://h:1' }),
  listen: address('AVD_LISTEN', { description, defaultText: '[::]:50051' }),
  graceSec: seconds('AVD_GRACE_SEC', { description, defaultText: '1.5', min: 0 }),
  maxBytes: bytes('AVD_MAX_BYTES', { description, defaultText: '4GiB' }),
  slots: integer('AVD_SLOTS', { description, defaultText: '2', max: 8 }),
  debug: boolean('AVD_DEBUGGING', { description, defaultText: 'no' }),
  level: choice('AVD_LEVEL', ['low', 'high'], { description, defaultText: 'low' }),
  hosts: list('AVD_HOSTS', { description, defaultText: '' }),
  roots: pathList('AVD_ROOTS', { description, defaultText: '/a, /b/../c' }),
  certFile: optional(filePath('AVD_CERT_FILE', { description })),
});

function errorOf<F extends Fields>(target: SettingsSchema<F>, env: Env): AvdError {
  try {
    parseConfig(target, env);
  } catch (error) {
    return error as AvdError;
  }
  throw new Error('Nothing was wrong.');
}

describe('parseConfig', () => {
  it('fills defaults in, as the same types that a variable would give', () => {
    const { settings, warnings } = parseConfig(schema, { AVD_SLOTS: '', AVD_LEVEL: ' ' });
    expect(settings).toEqual({
      natsUrl: 'nats://h:1',
      listen: { host: '::', port: 50051 },
      graceSec: 1.5,
      maxBytes: 4 * 2 ** 30,
      slots: 2,
      debug: false,
      level: 'low',
      hosts: [],
      roots: ['/a', '/c'],
    });
    expect(warnings).toEqual([]);
    const sec: number = settings.graceSec;
    const level: 'low' | 'high' = settings.level;
    const file: string | undefined = settings.certFile;
    expect([sec, level, file]).toEqual([1.5, 'low', undefined]);
  });

  it('reads every kind of value', () => {
    const { settings } = parseConfig(schema, {
      AVD_NATS_URL: 'nats://u:p@a:4222,nats://b:4222',
      AVD_LISTEN: 'host.x:0',
      AVD_GRACE_SEC: '0',
      AVD_MAX_BYTES: '12 kib',
      AVD_DEBUGGING: 'TRUE',
      AVD_LEVEL: 'High',
      AVD_HOSTS: 'a, b,,',
      AVD_CERT_FILE: '/x/../y.pem',
    });
    expect(settings).toMatchObject({
      natsUrl: 'nats://u:p@a:4222,nats://b:4222',
      listen: { host: 'host.x', port: 0 },
      graceSec: 0,
      maxBytes: 12288,
      debug: true,
      level: 'high',
      hosts: ['a', 'b'],
      certFile: '/y.pem',
    });
  });

  it('freezes the result', () => {
    const { settings } = parseConfig(schema, {});
    for (const value of [settings, settings.listen, settings.roots]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
  });

  it('lists every problem at once, one line for each variable', () => {
    const required = extendSettings(schema, { name: text('AVD_NAME', { description }) });
    const error = errorOf(required, {
      AVD_NATS_URL: 'http://u:hunter2@x',
      AVD_LISTEN: '50051',
      AVD_GRACE_SEC: '5m',
      AVD_MAX_BYTES: '4GB',
      AVD_SLOTS: '9',
      AVD_DEBUGGING: 'maybe',
      AVD_LEVEL: 'middle',
    });
    expect(error).toBeInstanceOf(AvdError);
    expect([error.kind, error.reason]).toEqual(['invalidInput', 'BAD_CONFIGURATION']);
    expect(error.message.split('\n')).toEqual([
      '8 settings are wrong:',
      'AVD_NATS_URL is "http://[redacted]@x" but must be a URL that begins with nats:// or tls://.',
      'AVD_LISTEN is "50051" but must be host:port, as 0.0.0.0:50051.',
      'AVD_GRACE_SEC is "5m" but must be a number of seconds, as 30.',
      'AVD_MAX_BYTES is "4GB" but must be a number of bytes, as 1048576 or 4GiB.',
      'AVD_SLOTS is "9" but must be 1 to 8.',
      'AVD_DEBUGGING is "maybe" but must be true or false.',
      'AVD_LEVEL is "middle" but must be one of low, high.',
      'AVD_NAME is not set.',
    ]);
    expect(error.details['AVD_NAME']).toBe('is not set');
  });

  it.each(['h:65536', 'h:', ':1', '::1:50051', 'h:1:2', 'h:x'])(
    'refuses the address %s',
    (value) => {
      expect(errorOf(schema, { AVD_LISTEN: value }).message).toContain('AVD_LISTEN');
    },
  );

  it('never shows the text of a secret', () => {
    const secret = defineSettings({
      key: integer('AVD_KEY', { description, secret: true }),
    });
    const { message } = errorOf(secret, { AVD_KEY: 'hunter2' });
    expect(message).toContain('AVD_KEY must be a whole number.');
    expect(message).not.toContain('hunter2');
  });

  it('passes a defect of a reader on instead of blaming the user', () => {
    const broken = defineSettings({
      x: setting('AVD_X', { description, defaultText: 'a' }, () => {
        throw new RangeError('defect');
      }),
    });
    expect(() => parseConfig(broken, {})).toThrow(RangeError);
  });

  it('runs the rules over several settings, also those of the schema that was extended', () => {
    const tooMany = { property: 'slots', problem: 'is too large' } as const;
    const base = defineSettings(schema.fields, [({ slots }) => (slots > 4 ? tooMany : undefined)]);
    const both = extendSettings(
      base,
      { name: text('AVD_NAME', { description, defaultText: 'n' }) },
      [
        ({ name, slots }) =>
          name === 'x' && slots > 1 ? { property: 'name', problem: 'is bad' } : undefined,
      ],
    );
    expect(parseConfig(both, { AVD_SLOTS: '4' }).settings.slots).toBe(4);
    expect(errorOf(both, { AVD_SLOTS: '5', AVD_NAME: 'x' }).details).toEqual({
      AVD_SLOTS: 'is too large',
      AVD_NAME: 'is bad',
    });
  });
});

describe('warnings', () => {
  const warningsOf = (env: Env): readonly string[] => parseConfig(schema, env).warnings;

  it('name the nearest variable for one that is not known', () => {
    expect(warningsOf({ AVD_NATS_URI: 'x', AVD_SLOT: '1', AVD_ZZZZZZ: '', OTHER: 'x' })).toEqual([
      'AVD_NATS_URI is not known and changes nothing; did you mean AVD_NATS_URL?',
      'AVD_SLOT is not known and changes nothing; did you mean AVD_SLOTS?',
      'AVD_ZZZZZZ is not known and changes nothing.',
    ]);
  });

  it('leave out what Kubernetes sets by itself, and variables read elsewhere', () => {
    const env = {
      AVD_VAD_SERVICE_HOST: '10.0.0.1',
      AVD_VAD_SERVICE_PORT: '1',
      AVD_VAD_SERVICE_PORT_GRPC: '1',
      AVD_VAD_PORT: 'tcp://10.0.0.1:1',
      AVD_VAD_PORT_1_TCP: 'tcp://10.0.0.1:1',
      AVD_VAD_PORT_1_TCP_ADDR: '10.0.0.1',
      AVD_DEBUG: '1',
    };
    expect(warningsOf(env)).toEqual([]);
  });
});
