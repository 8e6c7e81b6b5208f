import { describe, expect, it } from 'vitest';
import { describeConfig, redactConfig } from './describe-config.js';
import { address, url } from './fields/network.js';
import { seconds } from './fields/numbers.js';
import { optional } from './fields/setting.js';
import { list, text } from './fields/texts.js';
import { parseConfig } from './parse-config.js';
import { defineSettings } from './settings-schema.js';

const schema = defineSettings({
  natsUrl: url('AVD_NATS_URL', ['nats'], { description: 'Where.', defaultText: 'nats://h:1' }),
  listen: address('AVD_LISTEN', { description: 'Here.', defaultText: '[::1]:80' }),
  graceSec: seconds('AVD_GRACE_SEC', { description: 'How long.', defaultText: '60' }),
  hosts: list('AVD_HOSTS', { description: 'Which.', defaultText: '' }),
  token: text('AVD_TOKEN', { description: 'Secret.', secret: true }),
  file: optional(text('AVD_FILE', { description: 'Maybe.' })),
});
const { settings } = parseConfig(schema, {
  AVD_TOKEN: 'hunter2',
  AVD_HOSTS: 'a,b',
  AVD_NATS_URL: 'nats://u:hunter2@a:1,nats://v:hun@ter2@b:2',
});

describe('describeConfig', () => {
  it('prints a table of the variables with their defaults', () => {
    expect(describeConfig(schema)).toBe(
      [
        'VARIABLE       DEFAULT     UNIT  MEANING',
        'AVD_NATS_URL   nats://h:1        Where.',
        'AVD_LISTEN     [::1]:80          Here.',
        'AVD_GRACE_SEC  60          s     How long.',
        'AVD_HOSTS      (empty)           Which.',
        'AVD_TOKEN      (required)        Secret.',
        'AVD_FILE       (not set)         Maybe.',
      ].join('\n'),
    );
  });

  it('prints the values now, without secrets', () => {
    const table = describeConfig(schema, settings);
    expect(table).toMatch(/^VARIABLE +VALUE/);
    expect(table).toMatch(/AVD_HOSTS +a,b +Which/);
    expect(table).toMatch(/AVD_FILE +\(not set\)/);
    expect(table).not.toMatch(/hun|ter2/);
  });
});

describe('redactConfig', () => {
  it('gives texts by variable, without secrets and passwords in URLs', () => {
    expect(redactConfig(schema, settings)).toEqual({
      AVD_NATS_URL: 'nats://[redacted]@a:1,nats://[redacted]@b:2',
      AVD_LISTEN: '[::1]:80',
      AVD_GRACE_SEC: '60',
      AVD_HOSTS: 'a,b',
      AVD_TOKEN: '[redacted]',
    });
  });
});
