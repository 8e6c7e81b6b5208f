import type { Logger } from './logger.js';
import { signalsFromEnv, type Env } from './telemetry-env.js';

export interface StartTelemetryOptions {
  /** For example `avd-syncnet`; OTEL_SERVICE_NAME wins. */
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** For example the name of the pod. */
  readonly instanceId?: string;
  /** @default process.env */
  readonly env?: Env;
  /** Gets what the SDK complains about, for example a collector that cannot be reached. */
  readonly logger?: Logger;
}

/** Telemetry of this process; disposing of it sends what is left (5 s at most) and turns it off. */
export interface Telemetry extends AsyncDisposable {
  readonly enabled: boolean;
}

/**
 * Starts traces and metrics as the standard OTEL variables say (exporters, endpoint, protocol, headers, sampler,
 * resource attributes). Without them it is off, and nothing of the SDK is loaded.
 * Nothing is instrumented by itself, and logs are not sent: they go to stdout.
 */
export async function startTelemetry(options: StartTelemetryOptions): Promise<Telemetry> {
  const env = options.env ?? process.env;
  const signals = signalsFromEnv(env);
  if (!signals.traces && !signals.metrics) {
    return { enabled: false, [Symbol.asyncDispose]: async () => {} };
  }
  const { startFromEnv } = await import('./sdk/start-from-env.js');
  return { enabled: true, ...startFromEnv({ ...options, env }, signals) };
}
