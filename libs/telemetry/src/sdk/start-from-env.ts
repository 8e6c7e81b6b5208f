import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { Logger } from '../logger.js';
import type { StartTelemetryOptions } from '../start-telemetry.js';
import { withOtelEnv, type Env, type Signals } from '../telemetry-env.js';
import { startSdk } from './start-sdk.js';

const FLUSH_LIMIT_MS = 5000;

/** The part of `startTelemetry` that needs the SDK; loaded only when telemetry is on. */
export function startFromEnv(
  options: StartTelemetryOptions & { readonly env: Env },
  signals: Signals,
): AsyncDisposable {
  const { env, logger } = options;
  // With OTEL_LOG_LEVEL the SDK sets up its own output.
  if (logger !== undefined && !env['OTEL_LOG_LEVEL']) reportProblems(logger);
  const shutdown = withOtelEnv(env, () =>
    startSdk(options, env, {
      // An empty list turns a signal off; a list that is left out is made by the SDK from the variables.
      ...(!signals.traces && { spanProcessors: [] }),
      ...(!signals.metrics && { metricReaders: [] }),
    }),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      const problem = await within(FLUSH_LIMIT_MS, shutdown());
      if (problem !== undefined) logger?.warn('telemetry was not sent', { error: problem });
    },
  };
}

/** Waits for `work`, but not longer than the limit: a collector that is away must not hold up the end of a service. */
async function within(limitMs: number, work: Promise<void>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<unknown>((resolve) => {
    timer = setTimeout(() => resolve(new Error(`No answer in ${limitMs} ms.`)), limitMs);
  });
  const done = work.then(
    () => undefined,
    (error: unknown) => error,
  );
  try {
    return await Promise.race([done, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function reportProblems(logger: Logger): void {
  const ignore = (): void => {};
  diag.setLogger(
    {
      error: (text) => logger.warn('telemetry problem', { problem: text }),
      warn: (text) => logger.warn('telemetry problem', { problem: text }),
      info: ignore,
      debug: ignore,
      verbose: ignore,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
