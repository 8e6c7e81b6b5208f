import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { credsAuthenticator } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import type { NodeConnectionOptions } from '@nats-io/transport-node';
import { readFile } from 'node:fs/promises';
import { pause } from './delays.js';
import { isTransient, natsError, unavailable } from './nats-errors.js';

const REQUEST_TIMEOUT_MS = 3000;
const RETRY_PAUSE_MS = 200;
const DRAIN_LIMIT_MS = 5000;

/** The part of a structured logger that is needed here. */
export interface MessagingLogger {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

const silent: MessagingLogger = { info: () => undefined, warn: () => undefined };

export type NatsCredentials =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  | { readonly credsFile: string };

export interface MessagingOptions {
  /** E.g. `nats://127.0.0.1:4222`; one reachable server of a cluster is enough. */
  readonly urls: readonly string[];
  /** Seen in the server's monitoring: `avd-<service>-<pod>`. */
  readonly name: string;
  readonly credentials?: NatsCredentials;
  /** Files in PEM form. */
  readonly tls?: {
    readonly caFile?: string;
    readonly certFile?: string;
    readonly keyFile?: string;
  };
  readonly logger?: MessagingLogger;
  /** Time for the first connection; afterwards reconnecting never ends. @default 30 */
  readonly connectTimeoutSec?: number;
}

export type MessagingStatus = 'connected' | 'reconnecting' | 'closed';

/**
 * A connection that outlives restarts of the server. Disposing drains it: what was sent leaves first.
 * Stop workers and event consumers before, or their unfinished messages wait for the end of their ack_wait.
 */
export interface Messaging extends AsyncDisposable {
  readonly status: MessagingStatus;
  /** Version of the server connected to last. */
  readonly serverVersion: string;
  /** Tells every change of `status`. @returns a function that ends it */
  onStatus(listener: (status: MessagingStatus) => void): () => void;
  close(): Promise<void>;
}

/** What the files of this package see of a `Messaging`. */
export class NatsMessaging implements Messaging {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly logger: MessagingLogger;
  readonly #listeners = new Set<(status: MessagingStatus) => void>();
  #status: MessagingStatus = 'connected';
  #serverVersion: string;
  #closing: Promise<void> | undefined;

  constructor(nc: NatsConnection, jsm: JetStreamManager, logger: MessagingLogger) {
    this.nc = nc;
    this.js = jetstream(nc, { timeout: REQUEST_TIMEOUT_MS });
    this.jsm = jsm;
    this.logger = logger;
    this.#serverVersion = nc.info?.version ?? '';
    void this.#follow();
    void nc.closed().then(() => this.#become('closed'));
  }

  get status(): MessagingStatus {
    return this.#status;
  }

  get serverVersion(): string {
    return this.#serverVersion;
  }

  /** Whether publishing and subscribing are possible: false from the beginning of a close. */
  get isOpen(): boolean {
    return !this.nc.isClosed() && !this.nc.isDraining();
  }

  onStatus(listener: (status: MessagingStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @throws AvdError unavailable when the limit passes or the connection is closed */
  whenConnected(limitMs: number, what: string): Promise<void> {
    if (this.#status === 'connected') return Promise.resolve();
    if (this.#status === 'closed') return Promise.reject(unavailable(what));
    return new Promise((resolve, reject) => {
      const end = (status: MessagingStatus | 'late'): void => {
        clearTimeout(timer);
        forget();
        if (status === 'connected') resolve();
        else reject(unavailable(what));
      };
      const timer = setTimeout(end, limitMs, 'late');
      const forget = this.onStatus(end);
    });
  }

  /** Gives up waiting as soon as the connection is lost: the answer will not come. @throws AvdError unavailable */
  whileConnected<T>(what: string, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.onStatus(() => reject(unavailable(what)));
      void answer.then(resolve, reject).finally(forget);
    });
  }

  /**
   * Repeats an operation while NATS is away, until the deadline. The operation must be safe to repeat.
   * @param what e.g. `publish a task`, for the error
   * @throws AvdError
   */
  async persist<T>(what: string, deadlineMs: number, operation: () => Promise<T>): Promise<T> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      try {
        await this.whenConnected(Math.max(0, endMs - performance.now()), what);
        return await this.whileConnected(what, operation());
      } catch (error) {
        const over = performance.now() + RETRY_PAUSE_MS >= endMs;
        if (over || !this.isOpen || !isTransient(error)) throw natsError(error, what);
        await pause(RETRY_PAUSE_MS);
      }
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #drain(): Promise<void> {
    if (this.nc.isClosed()) return;
    if (this.#status === 'connected') {
      const limit = new AbortController();
      await Promise.race([
        this.nc.drain().catch(() => undefined),
        pause(DRAIN_LIMIT_MS, limit.signal),
      ]);
      limit.abort();
    }
    await this.nc.close();
    this.#become('closed');
  }

  async #follow(): Promise<void> {
    for await (const change of this.nc.status()) {
      if (change.type === 'disconnect') {
        this.logger.warn('lost the connection to NATS', { server: change.server });
        this.#become('reconnecting');
      } else if (change.type === 'reconnect') {
        this.logger.info('connected to NATS again', { server: change.server });
        this.#serverVersion = this.nc.info?.version ?? this.#serverVersion;
        this.#become('connected');
      } else if (change.type === 'error') {
        this.logger.warn('NATS reported an error', { error: change.error.message });
      }
    }
  }

  #become(status: MessagingStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    for (const listener of [...this.#listeners]) listener(status);
  }
}

export function natsOf(messaging: Messaging): NatsMessaging {
  if (messaging instanceof NatsMessaging) return messaging;
  throw new TypeError('A Messaging comes from connectMessaging.');
}

/**
 * Connects to NATS and stays connected: reconnects for ever, and every consumer started on it resumes.
 * @throws AvdError unavailable NATS_UNAVAILABLE when no server answers in time
 */
export async function connectMessaging(options: MessagingOptions): Promise<Messaging> {
  const natsOptions: NodeConnectionOptions = {
    servers: [...options.urls],
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    // A half-open connection is noticed within 30 s, before the server gives running tasks away.
    pingInterval: 10_000,
    maxPingOut: 2,
    // Rotated credentials are refused for a moment; that must not end the reconnecting.
    ignoreAuthErrorAbort: true,
    timeout: 5000,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(await authOptions(options.credentials)),
  };
  const endMs = performance.now() + (options.connectTimeoutSec ?? 30) * 1000;
  for (;;) {
    try {
      const nc = await connect(natsOptions);
      const jsm = await jetstreamManager(nc, { timeout: REQUEST_TIMEOUT_MS, checkAPI: false });
      return new NatsMessaging(nc, jsm, options.logger ?? silent);
    } catch (error) {
      if (performance.now() + RETRY_PAUSE_MS >= endMs) {
        throw unavailable(`connect to ${options.urls.map(withoutSecrets).join(', ')}`, error);
      }
      await pause(RETRY_PAUSE_MS);
    }
  }
}

async function authOptions(credentials?: NatsCredentials): Promise<NodeConnectionOptions> {
  if (credentials === undefined) return {};
  if ('token' in credentials) return { token: credentials.token };
  if ('credsFile' in credentials) {
    return { authenticator: credsAuthenticator(await readFile(credentials.credsFile)) };
  }
  return { user: credentials.user, pass: credentials.password };
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
