/**
 * Two flags shared between a worker thread and its owner. Node ends worker threads wherever they are when the
 * process exits, and a thread that is ended inside onnxruntime takes the whole process down with an abort,
 * hiding the exit code. So the owner can ask the thread to start nothing new and wait until it is outside.
 */
export type NativeGuard = Int32Array<SharedArrayBuffer>;

const STOP = 0;
const INSIDE = 1;

export function createNativeGuard(): NativeGuard {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Called by the thread before native code. @returns false when it must not enter */
export function enterNative(guard: NativeGuard): boolean {
  // The order matters: whoever stops sets STOP before it reads INSIDE.
  Atomics.store(guard, INSIDE, 1);
  if (Atomics.load(guard, STOP) === 0) return true;
  leaveNative(guard);
  return false;
}

export function leaveNative(guard: NativeGuard): void {
  Atomics.store(guard, INSIDE, 0);
  Atomics.notify(guard, INSIDE);
}

/** Called by the owner: the thread will not enter native code any more. */
export function stopEntering(guard: NativeGuard): void {
  Atomics.store(guard, STOP, 1);
}

/** Called by the owner after stopEntering: blocks until the thread is outside, or the time is up. */
export function waitUntilOutside(guard: NativeGuard, timeoutMs: number): void {
  Atomics.wait(guard, INSIDE, 1, timeoutMs);
}
