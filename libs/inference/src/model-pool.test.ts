import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GraphBuilder } from '@avd/models';
import type { GraphForm, LocatedModel } from '@avd/models';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModelPool } from './model-pool.js';
import type { ModelPoolOptions } from './model-pool.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-inference-'));
  await writeFile(path.join(dir, 'double.onnx'), doubleGraph());
  await writeFile(path.join(dir, 'slow.onnx'), slowGraph());
  await writeFile(path.join(dir, 'rows.onnx'), rowsGraph());
  await writeFile(path.join(dir, 'broken.onnx'), 'not a model');
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** y = x + x for a row of any length */
function doubleGraph(): Uint8Array {
  const builder = new GraphBuilder('double');
  const x = builder.input({ name: 'x', type: 'float32', dims: [1, 'n'] });
  builder.node('Add', [x, x], {}, ['y']);
  builder.output({ name: 'y', type: 'float32', dims: [1, 'n'] });
  return builder.encode();
}

/** y = 10 * x, and the number of rows that came together */
function rowsGraph(): Uint8Array {
  const builder = new GraphBuilder('rows');
  const x = builder.input({ name: 'x', type: 'float32', dims: ['batch', 2] });
  builder.node('Mul', [x, builder.floats([10], [])], {}, ['y']);
  const shape = builder.node('Shape', [x]);
  const rows = builder.node('Slice', [shape, builder.int64s([0]), builder.int64s([1])]);
  builder.node('Expand', [rows, rows], {}, ['count']);
  builder.output({ name: 'y', type: 'float32', dims: ['batch', 2] });
  builder.output({ name: 'count', type: 'int64', dims: ['batch'] });
  return builder.encode();
}

const SLOW_SIZE = 512;

/** Repeated products of a matrix with itself: some hundred milliseconds. */
function slowGraph(): Uint8Array {
  const builder = new GraphBuilder('slow');
  let x = builder.input({ name: 'x', type: 'float32', dims: [SLOW_SIZE, SLOW_SIZE] });
  for (let i = 0; i < 25; i++) x = builder.node('Softmax', [builder.node('MatMul', [x, x])]);
  builder.node('Identity', [x], {}, ['y']);
  builder.output({ name: 'y', type: 'float32', dims: [SLOW_SIZE, SLOW_SIZE] });
  return builder.encode();
}

const row = (...values: number[]) => ({
  data: Float32Array.from(values),
  dims: [1, values.length],
});

const slowInput = {
  x: {
    data: Float32Array.from({ length: SLOW_SIZE * SLOW_SIZE }, (_, i) => Math.sin(i)),
    dims: [SLOW_SIZE, SLOW_SIZE],
  },
};

async function withPool<T>(
  options: ModelPoolOptions,
  use: (pool: ReturnType<typeof createModelPool>) => Promise<T>,
): Promise<T> {
  const locate = async (name: string): Promise<LocatedModel> => ({
    name,
    path: path.join(dir, `${name}.onnx`),
    sha256: 'x',
  });
  const pool = createModelPool({ threads: 1, locate, ...options });
  try {
    return await use(pool);
  } finally {
    await pool[Symbol.asyncDispose]();
  }
}

describe('createModelPool', () => {
  it('runs a network and leaves the input usable', () =>
    withPool({}, async (pool) => {
      const model = await pool.load('double');
      const x = row(1, 2, 3);
      const { y } = await model.run({ x });
      expect(y).toEqual(row(2, 4, 6));
      expect(x).toEqual(row(1, 2, 3));
    }));

  it('asks for the form of a network that is quickest on a processor', async () => {
    const forms: string[] = [];
    const locate = async (name: string, form: GraphForm): Promise<LocatedModel> => {
      forms.push(form);
      return { name, path: path.join(dir, `${name}.onnx`), sha256: 'x' };
    };
    await withPool({ locate }, (pool) => pool.load('double'));
    expect(forms).toEqual(['winograd']);
  });

  it('says how a network runs where that may change its numbers', async () => {
    const runsOn = async (options: ModelPoolOptions): Promise<string | undefined> =>
      withPool(options, async (pool) => (await pool.load('double')).runsOn);
    expect(await runsOn({})).toBeUndefined();
    expect(await runsOn({ threads: 2, maxBatch: 4 })).toBeUndefined();
    expect(await runsOn({ threadsPerRun: 2 })).toBe('cpu; 2 threads');
  });

  it('says which networks are loaded, by name', () =>
    withPool({}, async (pool) => {
      await pool.load('rows');
      await pool.load('double');
      await expect(pool.load('broken')).rejects.toMatchObject({ kind: 'model' });
      expect(pool.loaded()).toEqual([
        { name: 'double', sha256: 'x' },
        { name: 'rows', sha256: 'x' },
      ]);
    }));

  it('copies its input before it returns, so that the caller may overwrite it', () =>
    withPool({}, async (pool) => {
      const model = await pool.load('double');
      const shared = new Float32Array(10);
      const runs = Array.from({ length: 20 }, (_, i) => {
        const view = shared.subarray(2, 5).fill(i);
        return model.run({ x: { data: view, dims: [1, 3] } });
      });
      const results = await Promise.all(runs);
      expect(results.map(({ y }) => y?.data[2])).toEqual(results.map((_, i) => 2 * i));
    }));

  it('gives the same bytes on every thread', () =>
    withPool({ threads: 2 }, async (pool) => {
      const model = await pool.load('slow');
      const results = await Promise.all(Array.from({ length: 6 }, () => model.run(slowInput)));
      const bytes = results.map(({ y }) => Buffer.from(y!.data.buffer));
      expect(bytes.every((other) => other.equals(bytes[0]!))).toBe(true);
    }));

  // Turns are counted instead of milliseconds: other work on the machine may stop this process for a while.
  it('lets the event loop of the caller turn while networks run', () =>
    withPool({ threads: 2 }, async (pool) => {
      const model = await pool.load('slow');
      const runs = Array.from({ length: 8 }, () => model.run(slowInput));
      let turnCount = 0;
      let isRunning = true;
      const turn = (): void => {
        turnCount++;
        if (isRunning) setImmediate(turn);
      };
      setImmediate(turn);
      await Promise.all(runs);
      isRunning = false;
      // Runs on the calling thread would let it turn a few times for each of the eight.
      expect(turnCount).toBeGreaterThan(200);
    }));

  it('does not start a run whose signal has been aborted', () =>
    withPool({}, async (pool) => {
      const model = await pool.load('double');
      await expect(model.run({ x: row(1) }, AbortSignal.abort())).rejects.toMatchObject({
        kind: 'cancelled',
      });
    }));

  it('takes an aborted run out of the queue', () =>
    withPool({ maxQueued: 1 }, async (pool) => {
      const slow = await pool.load('slow');
      const running = [slow.run(slowInput), slow.run(slowInput)];
      const stop = new AbortController();
      const waiting = slow.run(slowInput, stop.signal);
      stop.abort();
      await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
      // Its place is free again.
      await expect(slow.run(slowInput)).resolves.toBeDefined();
      await Promise.all(running);
    }));

  it('puts waiting runs of a network together when it may, and gives each caller its rows', () =>
    withPool({ maxBatch: 4 }, async (pool) => {
      const model = await pool.load('rows');
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, i) => model.run({ x: row(i, i + 0.5) })),
      );
      expect(results.map(({ y }) => y)).toEqual(results.map((_, i) => row(10 * i, 10 * i + 5)));
      const counts = results.map(({ count }) => Number(count!.data[0]));
      expect(Math.max(...counts)).toBe(4);
    }));

  it('runs one at a time unless it may batch', () =>
    withPool({}, async (pool) => {
      const model = await pool.load('rows');
      const results = await Promise.all(
        Array.from({ length: 12 }, (_, i) => model.run({ x: row(i, i) })),
      );
      expect(results.every(({ count }) => count!.data[0] === 1n)).toBe(true);
    }));

  it('gives each caller its own error when batches are allowed', () =>
    withPool({ maxBatch: 8 }, async (pool) => {
      const model = await pool.load('rows');
      const wrong = { data: Uint8Array.of(1, 2), dims: [1, 2] };
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) =>
          model.run(i === 5 ? { z: row(1, 2) } : { x: i === 6 ? wrong : row(i, i) }),
        ),
      );
      expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
        results.map((_, i) => i !== 5 && i !== 6),
      );
    }));

  it('takes more than one thread inside of a run', () =>
    withPool({ threadsPerRun: 2 }, async (pool) => {
      const { y } = await (await pool.load('double')).run({ x: row(1, 2, 3) });
      expect(y).toEqual(row(2, 4, 6));
    }));

  it('leaves threads to others while a large network is busy', async () => {
    const locate = async (name: string): Promise<LocatedModel> => ({
      name,
      path: path.join(dir, name === 's3fd' ? 'slow.onnx' : `${name}.onnx`),
      sha256: 'x',
    });
    await withPool({ threads: 3, locate }, async (pool) => {
      const [large, small] = [await pool.load('s3fd'), await pool.load('double')];
      let endedCount = 0;
      const runs = Array.from({ length: 24 }, async () => {
        await large.run(slowInput);
        endedCount++;
      });
      expect((await small.run({ x: row(2) }))['y']).toEqual(row(4));
      // In the order of the calls it would come after 18 of them.
      expect(endedCount).toBeLessThan(12);
      await Promise.all(runs);
    });
  });

  it('refuses more waiting runs than it is told to keep', () =>
    withPool({ maxQueued: 2 }, async (pool) => {
      const model = await pool.load('slow');
      const runs = Array.from({ length: 5 }, () => model.run(slowInput));
      const outcomes = await Promise.allSettled(runs);
      expect(outcomes.map((outcome) => outcome.status)).toEqual([
        ...Array.from({ length: 4 }, () => 'fulfilled'),
        'rejected',
      ]);
      expect(outcomes[4]).toMatchObject({ reason: { reason: 'INFERENCE_QUEUE_FULL' } });
    }));

  it('reports inputs the network refuses, and goes on', () =>
    withPool({}, async (pool) => {
      const model = await pool.load('double');
      const wrong = { x: { data: new Float32Array(6), dims: [2, 3] } };
      await expect(model.run(wrong)).rejects.toMatchObject({
        kind: 'model',
        reason: 'MODEL_RUN_FAILED',
      });
      await expect(model.run({ x: row(4) })).resolves.toEqual({ y: row(8) });
    }));

  it.each(['broken', 'absent'])('reports a %s model file', (name) =>
    withPool({}, async (pool) => {
      await expect(pool.load(name)).rejects.toMatchObject({
        kind: 'model',
        reason: 'MODEL_LOAD_FAILED',
      });
    }),
  );

  it('turns the death of a thread into an error, and starts another', async () => {
    const entry = path.join(dir, 'dying-worker.mjs');
    await writeFile(
      entry,
      `import { parentPort } from 'node:worker_threads';
       parentPort.on('message', (request) => {
         if (request === 'close') return parentPort.close();
         const { id, inputs } = request;
         if (inputs?.x.data[0] === 13) process.exit(1);
         parentPort.postMessage({ id, outputs: {} });
       });`,
    );
    await withPool({ workerEntry: new URL(`file://${entry}`) }, async (pool) => {
      const model = await pool.load('double');
      const doomed = [model.run({ x: row(13) }), model.run({ x: row(1) })];
      for (const run of doomed) {
        await expect(run).rejects.toMatchObject({ kind: 'model', reason: 'MODEL_CRASHED' });
      }
      await expect(model.run({ x: row(1) })).resolves.toEqual({});
    });
  });

  it('rejects what still waits when it is closed, and everything after', async () => {
    const { runs, model } = await withPool({}, async (pool) => {
      const slow = await pool.load('slow');
      const all = Array.from({ length: 4 }, () => slow.run(slowInput));
      return { runs: Promise.allSettled(all), model: slow };
    });
    for (const outcome of await runs) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'cancelled' } });
    }
    await expect(model.run(slowInput)).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('does not keep the process alive while nothing runs', () =>
    withPool({}, async (pool) => {
      const isHeld = (): boolean => process.getActiveResourcesInfo().includes('MessagePort');
      const heldByOthers = isHeld();
      const model = await pool.load('double');
      expect(isHeld()).toBe(heldByOthers);
      const running = model.run({ x: row(1) });
      expect(isHeld()).toBe(true);
      await running;
      expect(isHeld()).toBe(heldByOthers);
    }));

  it('looks after its threads when the process exits, until it is closed', async () => {
    const before = process.listenerCount('exit');
    await withPool({}, async () => {
      expect(process.listenerCount('exit')).toBe(before + 1);
    });
    expect(process.listenerCount('exit')).toBe(before);
  });
});
