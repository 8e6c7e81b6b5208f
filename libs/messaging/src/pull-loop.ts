import { setMaxListeners } from 'node:events';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { NatsMessaging } from './connection.js';
import { pause } from './delays.js';
import { pullOne } from './pull.js';
import type { Delivery, PullSource, Verdict } from './pull.js';

const REFUSED_PAUSE_MS = 500;
const HEARTBEATS_PER_ACK_WAIT = 3;

/** A delivery that is kept alive until it is settled. */
export interface HeldDelivery extends Omit<Delivery, 'keepAlive' | 'settle'> {
  /**
   * Once only; later calls do nothing.
   * @param limitMs time for NATS to come back @default the ack_wait
   * @returns whether the server confirmed
   */
  settle(verdict: Verdict, limitMs?: number): Promise<boolean>;
}

export interface PullLoopOptions extends PullSource {
  readonly slots: number;
  /** Aborting it ends the pulling; running handlers go on. */
  readonly signal: AbortSignal;
  /** Must settle the delivery, and not throw. */
  handle(delivery: HeldDelivery): Promise<void>;
}

/**
 * Keeps every slot busy: one pull per free slot, no message fetched before there is a slot for it (a
 * waiting message would use up its ack_wait). Ends when the signal is aborted and every handler is done.
 */
export async function pullLoop(nats: NatsMessaging, options: PullLoopOptions): Promise<void> {
  const ackWaitMs = await consumerAckWaitMs(nats, options);
  if (ackWaitMs === undefined) return;
  setMaxListeners(options.slots + 10, options.signal);
  // No span may be active here: each message continues the trace of its own sender.
  await context.with(ROOT_CONTEXT, () =>
    Promise.all(Array.from({ length: options.slots }, () => runSlot(nats, options, ackWaitMs))),
  );
}

async function runSlot(
  nats: NatsMessaging,
  options: PullLoopOptions,
  ackWaitMs: number,
): Promise<void> {
  while (!options.signal.aborted && nats.isOpen) {
    try {
      await nats.whenConnected(REFUSED_PAUSE_MS, 'pull a message');
      const delivery = await pullOne(nats, options, options.signal);
      if (delivery !== undefined) await options.handle(hold(nats, delivery, ackWaitMs));
    } catch (error) {
      if (options.signal.aborted || !nats.isOpen || nats.status !== 'connected') continue;
      const { stream, consumer } = options;
      nats.logger.warn('pulling failed, trying again', { stream, consumer, error: String(error) });
      await pause(REFUSED_PAUSE_MS, options.signal);
    }
  }
}

/** The consumer's own setting, so that heartbeats fit whatever the operator chose. */
async function consumerAckWaitMs(
  nats: NatsMessaging,
  { stream, consumer, signal }: PullLoopOptions,
): Promise<number | undefined> {
  for (let isFirst = true; !signal.aborted && nats.isOpen; isFirst = false) {
    try {
      const { config } = await nats.jsm.consumers.info(stream, consumer);
      return (config.ack_wait ?? 30e9) / 1e6;
    } catch (error) {
      if (isFirst) {
        nats.logger.warn('the queue cannot be read yet, waiting for it', {
          stream,
          consumer,
          error: String(error),
        });
      }
      await pause(REFUSED_PAUSE_MS, signal);
    }
  }
  return undefined;
}

function hold(nats: NatsMessaging, delivery: Delivery, ackWaitMs: number): HeldDelivery {
  const { subject, payload, headers, deliveryCount, sequence, storedAtMs } = delivery;
  let isSettled = false;
  const keepAlive = (): void => delivery.keepAlive();
  const timer = setInterval(keepAlive, ackWaitMs / HEARTBEATS_PER_ACK_WAIT);
  // After an outage the server counts from before it: say at once that the work goes on.
  const forget = nats.onStatus((status) => {
    if (status === 'connected') keepAlive();
  });
  return {
    subject,
    payload,
    headers,
    deliveryCount,
    sequence,
    storedAtMs,
    async settle(verdict, limitMs = ackWaitMs) {
      if (isSettled) return false;
      isSettled = true;
      // Kept alive until the server confirms: an ack may have to wait for NATS to come back.
      const isConfirmed = await delivery.settle(verdict, limitMs);
      clearInterval(timer);
      forget();
      if (!isConfirmed) {
        nats.logger.warn(
          'the server did not confirm the end of a message and will deliver it again',
          { subject, verdict: verdict.kind },
        );
      }
      return isConfirmed;
    },
  };
}
