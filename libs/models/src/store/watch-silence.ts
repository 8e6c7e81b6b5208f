/** Tells when a server has gone silent. */
export interface Watch extends Disposable {
  /** Aborts when the caller does, or when nothing was heard for a while. */
  readonly signal: AbortSignal;
  heard(): void;
}

/** Starts to watch; must be disposed. */
export function watchSilence(stallMs: number, signal: AbortSignal): Watch {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const timer = setTimeout(abort, stallMs);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return {
    signal: stop.signal,
    heard: () => void timer.refresh(),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}
