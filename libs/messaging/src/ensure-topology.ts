import { natsOf } from './connection.js';
import type { Messaging, NatsMessaging } from './connection.js';
import { hasApiCode, isMissing } from './nats-errors.js';
import { consumerSettings, streamSettings } from './topology.js';
import type { ConsumerSettings, StreamSettings, TopologyOptions } from './topology.js';

const DEADLINE_MS = 30_000;
const NAME_IN_USE = 10058;
const CONSUMER_EXISTS = 10148;

/**
 * Creates the streams, consumers and buckets that are missing and updates settings that differ.
 * Safe to call again, and from several processes at once.
 */
export async function ensureTopology(
  messaging: Messaging,
  options: TopologyOptions = {},
): Promise<void> {
  const nats = natsOf(messaging);
  for (const stream of streamSettings(options)) {
    await nats.persist(`create the stream ${stream.name}`, DEADLINE_MS, () =>
      ensureStream(nats, stream),
    );
  }
  for (const consumer of consumerSettings(options)) {
    await nats.persist(`create the consumer ${consumer.durable_name}`, DEADLINE_MS, () =>
      ensureConsumer(nats, consumer),
    );
  }
}

async function ensureStream(nats: NatsMessaging, settings: StreamSettings): Promise<void> {
  const current = await found(nats.jsm.streams.info(settings.name));
  if (current === undefined) {
    try {
      await nats.jsm.streams.add({ ...settings });
      return;
    } catch (error) {
      // Another process was faster, perhaps with other settings.
      if (!hasApiCode(error, NAME_IN_USE)) throw error;
    }
  } else if (!differs(settings, current.config)) {
    return;
  }
  await nats.jsm.streams.update(settings.name, { ...settings });
}

async function ensureConsumer(nats: NatsMessaging, settings: ConsumerSettings): Promise<void> {
  const { stream, ...config } = settings;
  const current = await found(nats.jsm.consumers.info(stream, config.durable_name));
  if (current === undefined) {
    try {
      await nats.jsm.consumers.add(stream, config);
      return;
    } catch (error) {
      if (!hasApiCode(error, CONSUMER_EXISTS)) throw error;
    }
  } else if (!differs(config, current.config)) {
    return;
  }
  const { ack_wait, max_deliver, max_ack_pending } = config;
  await nats.jsm.consumers.update(stream, config.durable_name, {
    ack_wait,
    max_deliver,
    max_ack_pending,
  });
}

async function found<T>(info: Promise<T>): Promise<T | undefined> {
  try {
    return await info;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function differs(wanted: object, current: object): boolean {
  const actual = new Map<string, unknown>(Object.entries(current));
  return Object.entries(wanted).some(([key, value]) => {
    const have = actual.get(key);
    if (Array.isArray(value)) return JSON.stringify(value) !== JSON.stringify(have);
    // The server leaves settings out that are off.
    return (have ?? (typeof value === 'boolean' ? false : 0)) !== value;
  });
}
