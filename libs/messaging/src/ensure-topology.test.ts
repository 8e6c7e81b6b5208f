import { describe, expect, it } from 'vitest';
import { natsOf } from './connection.js';
import { ensureTopology } from './ensure-topology.js';
import { publishTask, queueState } from './tasks.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench } from './testing/test-bench.js';
import { consumerSettings, streamSettings, TASK_STAGES } from './topology.js';

describe.skipIf(natsServerPath() === undefined)('ensureTopology (needs nats-server)', () => {
  it('creates everything with the settings of the constants, from many processes at once', async () => {
    await using bench = await openBench({ ackWaitSec: 7 });
    const { jsm } = natsOf(bench.messaging);
    for (const { name } of streamSettings()) await jsm.streams.delete(name);
    const others = await Promise.all(['a', 'b', 'c', 'd'].map((name) => bench.connect(name)));
    await Promise.all(others.map((each) => ensureTopology(each)));
    for (const settings of streamSettings()) {
      const { config } = await jsm.streams.info(settings.name);
      expect(config).toMatchObject({ ...settings });
    }
    for (const { stream, ...settings } of consumerSettings()) {
      const { config } = await jsm.consumers.info(stream, settings.durable_name);
      expect(config).toMatchObject(settings);
    }
  });

  it('updates settings that differ and keeps what is queued', async () => {
    await using bench = await openBench({ ackWaitSec: 7 });
    const { messaging } = bench;
    const { jsm } = natsOf(messaging);
    await publishTask(messaging, { stage: 'vad', job: 'j', taskId: 't', payload: bytesOf('') });
    await jsm.streams.update('AVD_TASKS', { max_age: 3600e9 });
    await ensureTopology(messaging, { ackWaitSec: 9, maxAttempts: 2, maxAckPending: 50 });
    expect((await jsm.consumers.info('AVD_TASKS', 'avd-vad')).config).toMatchObject({
      ack_wait: 9e9,
      max_deliver: 4,
      max_ack_pending: 50,
    });
    expect((await jsm.streams.info('AVD_TASKS')).config.max_age).toBe(7 * 86_400e9);
    expect((await queueState(messaging, 'vad')).pending).toBe(1);
  });

  it('says that there are fewer servers than copies', async () => {
    await using bench = await openBench();
    const nats = natsOf(bench.messaging);
    const [settings] = streamSettings({ replicas: 3 });
    const create = nats.persist('create the stream', 1, () =>
      nats.jsm.streams.add({ ...settings!, name: 'OTHER', subjects: ['other'] }),
    );
    await expect(create).rejects.toMatchObject({
      ...{ kind: 'unavailable', reason: 'TOO_FEW_NATS_SERVERS' },
      message: expect.stringContaining('AVD_NATS_REPLICAS') as string,
    });
  });

  it('sends nothing to the server that would change what is right already', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    const changes: string[] = [];
    for (const verb of ['STREAM.CREATE', 'STREAM.UPDATE', 'CONSUMER.CREATE', 'CONSUMER.DURABLE']) {
      natsOf(messaging).nc.subscribe(`$JS.API.${verb}.>`, {
        callback: (_error, message) => {
          changes.push(message.subject);
        },
      });
    }
    await ensureTopology(messaging, { ackWaitSec: 1 });
    await natsOf(messaging).nc.flush();
    expect(changes).toEqual([]);
    await ensureTopology(messaging, { ackWaitSec: 2 });
    await natsOf(messaging).nc.flush();
    expect(changes).toHaveLength(TASK_STAGES.length + 1);
  });
});
