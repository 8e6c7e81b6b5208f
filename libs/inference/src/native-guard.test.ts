import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  createNativeGuard,
  enterNative,
  leaveNative,
  stopEntering,
  waitUntilOutside,
} from './native-guard.js';

describe('NativeGuard', () => {
  it('lets a thread in and out as long as nobody stops it', () => {
    const guard = createNativeGuard();
    for (let i = 0; i < 3; i++) {
      expect(enterNative(guard)).toBe(true);
      leaveNative(guard);
    }
    stopEntering(guard);
    expect(enterNative(guard)).toBe(false);
    // Nobody is inside now, so this must not wait.
    waitUntilOutside(guard, 60_000);
  });

  it('waits for a thread that is inside, and lets it in no more', async () => {
    const guard = createNativeGuard();
    const done = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       import(workerData.module).then(({ enterNative, leaveNative }) => {
         enterNative(workerData.guard);
         parentPort.postMessage('inside');
         const end = performance.now() + 100;
         while (performance.now() < end) { /* native code keeps its thread busy */ }
         workerData.done[0] = 1;
         leaveNative(workerData.guard);
         parentPort.postMessage(enterNative(workerData.guard));
       });`,
      {
        eval: true,
        workerData: { guard, done, module: import.meta.resolve('../dist/native-guard.js') },
      },
    );
    await once(worker, 'message');
    stopEntering(guard);
    waitUntilOutside(guard, 60_000);
    expect(done[0]).toBe(1);
    const [wasLetIn] = (await once(worker, 'message')) as [boolean];
    expect(wasLetIn).toBe(false);
    await worker.terminate();
  });

  it('gives up waiting after the time allowed', () => {
    const guard = createNativeGuard();
    enterNative(guard);
    const startMs = performance.now();
    waitUntilOutside(guard, 20);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(15);
  });
});
