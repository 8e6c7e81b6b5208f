export type Env = Readonly<Record<string, string | undefined>>;

/** Which signals the standard OTEL variables ask for. */
export interface Signals {
  readonly traces: boolean;
  readonly metrics: boolean;
}

/**
 * A signal is on when its exporter is named (OTEL_TRACES_EXPORTER, OTEL_METRICS_EXPORTER; not `none`), or when none
 * is named but an OTLP endpoint is set. Everything is off without these variables, and with OTEL_SDK_DISABLED=true.
 */
export function signalsFromEnv(env: Env): Signals {
  if (env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true') {
    return { traces: false, metrics: false };
  }
  const isOn = (signal: string): boolean => {
    const exporter = env[`OTEL_${signal}_EXPORTER`]?.trim();
    if (exporter) return exporter !== 'none';
    const endpoint =
      env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    return Boolean(endpoint?.trim());
  };
  return { traces: isOn('TRACES'), metrics: isOn('METRICS') };
}

/** Runs `fn` with the OTEL_ variables of `env`: the SDK reads its settings from process.env only. */
export function withOtelEnv<T>(env: Env, fn: () => T): T {
  if (env === process.env) return fn();
  const isOtel = (name: string): boolean => name.startsWith('OTEL_');
  const names = new Set([...Object.keys(env), ...Object.keys(process.env)].filter(isOtel));
  const before = new Map([...names].map((name) => [name, process.env[name]]));
  const set = (name: string, value: string | undefined): void => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const name of names) set(name, env[name]);
  try {
    return fn();
  } finally {
    for (const [name, value] of before) set(name, value);
  }
}
