import { describe, expect, it } from 'vitest';
import { consumeEvents, publishEvent } from './events.js';
import type { StageEvent } from './events.js';
import type { Messaging } from './connection.js';
import { pause } from './delays.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, textOf, until } from './testing/test-bench.js';

const send = (messaging: Messaging, job: string, eventId: string): Promise<unknown> =>
  publishEvent(messaging, {
    job,
    stage: 'embed',
    taskId: `${job}/embed/0/1`,
    outcome: 'completed',
    payload: bytesOf(eventId),
    eventId,
  });

describe.skipIf(natsServerPath() === undefined)('consumeEvents (needs nats-server)', () => {
  it('gives each event once, to one of the orchestrators that share the consumer', async () => {
    await using bench = await openBench();
    const other = await bench.connect('avd-orchestrator-2');
    const seen: StageEvent[] = [];
    const handle = async (event: StageEvent): Promise<void> => void seen.push(event);
    bench.use(consumeEvents(bench.messaging, handle, { concurrency: 2 }));
    bench.use(consumeEvents(other, handle, { concurrency: 2 }));
    for (let i = 0; i < 20; i++) await send(bench.messaging, `job${i % 3}`, `e${i}`);
    await send(bench.messaging, 'job0', 'e0');
    await until(() => seen.length >= 20);
    expect(new Set(seen.map((event) => event.eventId)).size).toBe(20);
    expect(seen).toHaveLength(20);
    expect(seen.find((event) => event.eventId === 'e4')).toMatchObject({
      job: 'job1',
      stage: 'embed',
      outcome: 'completed',
      taskId: 'job1/embed/0/1',
      deliveryCount: 1,
      sequence: 5,
    });
  });

  it('handles the events of one job one after the other in order, and jobs side by side', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    for (let i = 0; i < 12; i++) await send(messaging, i % 2 === 0 ? 'even' : 'odd', `e${i}`);
    const running = new Map<string, number>();
    const order = new Map<string, string[]>();
    let mostJobs = 0;
    bench.use(
      consumeEvents(
        messaging,
        async ({ job, payload }) => {
          expect(running.has(job)).toBe(false);
          running.set(job, 1);
          mostJobs = Math.max(mostJobs, running.size);
          await pause(10);
          order.set(job, [...(order.get(job) ?? []), textOf(payload)]);
          running.delete(job);
        },
        { concurrency: 6 },
      ),
    );
    await until(() => [...order.values()].flat().length === 12);
    expect(order.get('even')).toEqual(['e0', 'e2', 'e4', 'e6', 'e8', 'e10']);
    expect(order.get('odd')).toEqual(['e1', 'e3', 'e5', 'e7', 'e9', 'e11']);
    expect(mostJobs).toBe(2);
  });

  it('brings an event again whose handler threw, and says so', async () => {
    await using bench = await openBench();
    const counts: number[] = [];
    bench.use(
      consumeEvents(bench.messaging, async (event) => {
        counts.push(event.deliveryCount);
        if (counts.length < 2) throw new Error('conflict');
      }),
    );
    await send(bench.messaging, 'job1', 'e1');
    await until(() => counts.length === 2);
    expect(counts).toEqual([1, 2]);
  });

  it('brings an event to another orchestrator when the first is lost with it', async () => {
    await using bench = await openBench();
    const doomed = await bench.connect('avd-orchestrator-1');
    let isHeld = false;
    consumeEvents(doomed, () => {
      isHeld = true;
      return new Promise(() => undefined);
    });
    await send(bench.messaging, 'job1', 'e1');
    await until(() => isHeld);
    await doomed.close();
    const seen: StageEvent[] = [];
    bench.use(consumeEvents(bench.messaging, async (event) => void seen.push(event)));
    await until(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ eventId: 'e1', deliveryCount: 2 });
  });
});
