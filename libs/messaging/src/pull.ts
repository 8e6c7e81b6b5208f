import { createInbox } from '@nats-io/nats-core';
import type { Msg, MsgHdrs } from '@nats-io/nats-core';
import type { NatsMessaging } from './connection.js';
import { isTransient } from './nats-errors.js';
import { pause } from './delays.js';

const EXPIRES_MS = 30_000;
const HEARTBEAT_MS = 5_000;
const SETTLE_TIMEOUT_MS = 2000;

export interface PullSource {
  readonly stream: string;
  readonly consumer: string;
}

export type Verdict =
  | { readonly kind: 'ack' }
  /** Back to the queue, for anybody, after the delay. */
  | { readonly kind: 'nak'; readonly delayMs: number }
  /** Never again. Without a reason: servers before 2.11 ignore a `term` that has one. */
  | { readonly kind: 'term' };

/** One delivery of a stored message. */
export interface Delivery {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: MsgHdrs | undefined;
  /** From 1; grows with every delivery. */
  readonly deliveryCount: number;
  readonly sequence: number;
  /** When the stream stored it, milliseconds since 1970 by the server's clock. */
  readonly storedAtMs: number;
  /** Tells the server that the work goes on: its ack_wait starts again. */
  keepAlive(): void;
  /**
   * Ends the delivery and waits until the server has said so; repeated while NATS is away.
   * @returns false when the server did not answer within the limit: it will deliver again
   */
  settle(verdict: Verdict, limitMs: number): Promise<boolean>;
}

/**
 * Asks for one message and waits for it: the only message on its way to this slot.
 * @returns undefined when none came, or when the signal aborted; a message that arrives while the
 * request is being withdrawn goes back to the queue at once
 * @throws Error what the server refused: consumer missing, too many pulls, no JetStream
 */
export function pullOne(
  nats: NatsMessaging,
  { stream, consumer }: PullSource,
  signal: AbortSignal,
): Promise<Delivery | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const inbox = createInbox();
  return new Promise((resolve, reject) => {
    let lastHeardMs = performance.now();
    let isOver = false;

    const end = (result: Delivery | Error | undefined): void => {
      if (isOver) return;
      isOver = true;
      clearInterval(watchdog);
      forget();
      signal.removeEventListener('abort', withdraw);
      if (result instanceof Error) reject(result);
      else resolve(result);
    };

    const subscription = nats.nc.subscribe(inbox, {
      callback: (error, message) => {
        lastHeardMs = performance.now();
        if (error !== null) end(error);
        else if (message.subject !== inbox) take(message);
        else if (message.headers?.code !== 100) {
          subscription.unsubscribe();
          end(refusal(message));
        }
      },
    });
    const request = { batch: 1, expires: EXPIRES_MS * 1e6, idle_heartbeat: HEARTBEAT_MS * 1e6 };
    nats.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: inbox,
    });
    // A pull is for one message, but a request that the server saw twice could bring two.
    const take = (message: Msg): void => {
      const delivery = deliveryOf(nats, message);
      if (isOver) void delivery.settle({ kind: 'nak', delayMs: 0 }, SETTLE_TIMEOUT_MS);
      else {
        subscription.unsubscribe();
        end(delivery);
      }
    };
    // Draining lets a message that is already on its way arrive, to be handed back.
    const withdraw = (): void => {
      if (isOver) return;
      isOver = true;
      clearInterval(watchdog);
      forget();
      signal.removeEventListener('abort', withdraw);
      const limit = new AbortController();
      const drained = nats.isOpen ? subscription.drain() : Promise.resolve();
      void Promise.race([
        drained.catch(() => undefined),
        pause(SETTLE_TIMEOUT_MS, limit.signal),
      ]).finally(() => {
        limit.abort();
        resolve(undefined);
      });
    };
    // The server forgets waiting pulls when it restarts; the caller asks again.
    const forget = nats.onStatus((status) => {
      if (status === 'reconnecting') return;
      if (!subscription.isClosed()) subscription.unsubscribe();
      end(undefined);
    });
    const watchdog = setInterval(() => {
      if (performance.now() - lastHeardMs < 2.5 * HEARTBEAT_MS) return;
      subscription.unsubscribe();
      end(undefined);
    }, HEARTBEAT_MS);
    signal.addEventListener('abort', withdraw, { once: true });
  });
}

/** What a status message means: nothing to do for an expired pull, an error for a refused one. */
function refusal(message: Msg): Error | undefined {
  const code = message.headers?.code ?? 0;
  if (code === 404 || code === 408) return undefined;
  return new Error(
    code === 503
      ? 'no such consumer, or JetStream does not run'
      : `pull refused: ${code} ${message.headers?.description ?? ''}`,
  );
}

function deliveryOf(nats: NatsMessaging, message: Msg): Delivery {
  const reply = message.reply ?? '';
  // $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<nanoseconds>.<pending>;
  // newer servers put domain and account after ACK and a random token at the end.
  const tokens = reply.split('.');
  const first = tokens.length === 9 ? 4 : 6;
  const numberAt = (offset: number): number => Number(tokens[first + offset] ?? 0);
  return {
    subject: message.subject,
    payload: message.data,
    headers: message.headers,
    deliveryCount: numberAt(0),
    sequence: numberAt(1),
    storedAtMs: numberAt(3) / 1e6,
    keepAlive: () => {
      if (nats.status === 'connected' && nats.isOpen) nats.nc.publish(reply, '+WPI');
    },
    settle: (verdict, limitMs) => settle(nats, reply, verdict, limitMs),
  };
}

async function settle(
  nats: NatsMessaging,
  reply: string,
  verdict: Verdict,
  limitMs: number,
): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  for (;;) {
    try {
      await nats.whenConnected(Math.max(0, endMs - performance.now()), 'settle a message');
      const request = nats.nc.request(reply, bodyOf(verdict), { timeout: SETTLE_TIMEOUT_MS });
      await nats.whileConnected('settle a message', request);
      return true;
    } catch (error) {
      if (performance.now() >= endMs || !nats.isOpen || !isTransient(error)) return false;
      await pause(100);
    }
  }
}

function bodyOf(verdict: Verdict): string {
  if (verdict.kind === 'ack') return '+ACK';
  if (verdict.kind === 'term') return '+TERM';
  return verdict.delayMs > 0 ? `-NAK {"delay": ${Math.round(verdict.delayMs * 1e6)}}` : '-NAK';
}
