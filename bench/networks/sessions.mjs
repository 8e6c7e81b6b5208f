import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A session as libs/inference opens it, except for the number of threads. */
export function openSession(model, threads, options = {}) {
  return InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    logSeverityLevel: 4,
    ...options,
  });
}

export function feedsOf(inputs) {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, dims }]) => [
      name,
      new Tensor(elementType(data), data, dims),
    ]),
  );
}

function elementType(data) {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof Uint8Array ? 'uint8' : 'int64';
}

/** Median and least time of a run in ms: at least `minRuns` runs and `minMs` of time, after one warm-up. */
export async function timeRuns(session, inputs, { minRuns = 5, minMs = 1000 } = {}) {
  const feeds = feedsOf(inputs);
  await session.run(feeds);
  const times = [];
  const startMs = performance.now();
  while (times.length < minRuns || performance.now() - startMs < minMs) {
    const before = performance.now();
    await session.run(feeds);
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1], minMs: times[0] };
}
