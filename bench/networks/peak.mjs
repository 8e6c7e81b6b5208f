/** What this CPU can do at most with 32-bit floats, and what its best matrix product reaches. */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { matrixProduct } from './list.mjs';
import { openSession, timeRuns } from './sessions.mjs';

/** A chained 32-bit multiplication takes this many cycles on every x86-64 and ARM core of the last ten years. */
const MULTIPLY_CYCLES = 3;

export async function cpuPeak() {
  const cyclesPerSec = clockHz();
  const { text, perCycle } = multipliesPerCycle();
  const measured = { 1: 0, 2: 0 };
  for (const threads of [1, 2]) {
    for (const side of [256, 512, 1024]) {
      const { onnx, inputs, macs } = matrixProduct(side);
      const session = await openSession(onnx, threads);
      const { minMs } = await timeRuns(session, inputs, { minMs: 300 });
      await session.release();
      measured[threads] = Math.max(measured[threads], macs / minMs / 1e6);
    }
  }
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    ghz: cyclesPerSec / 1e9,
    how: `${text}, ${(cyclesPerSec / 1e9).toFixed(2)} GHz (a chain of 32-bit multiplications, ${MULTIPLY_CYCLES} cycles each)`,
    gmacPerSec: (cyclesPerSec * perCycle) / 1e9,
    measured,
  };
}

function clockHz() {
  let best = 0;
  for (let attempt = 0; attempt < 7; attempt++) {
    const count = 2e7;
    let value = 12345;
    // Not a constant: the compiler would join the steps.
    const factor = 3 + 2 * attempt;
    const startMs = performance.now();
    for (let i = 0; i < count; i += 4) {
      value = Math.imul(Math.imul(Math.imul(Math.imul(value, factor), factor), factor), factor);
    }
    const elapsedSec = (performance.now() - startMs) / 1000;
    // The value is used, so that the loop cannot be left out.
    if (value !== 0) best = Math.max(best, (count * MULTIPLY_CYCLES) / elapsedSec);
  }
  return best;
}

/** Multiply-adds of 32-bit floats a core starts in a cycle. */
function multipliesPerCycle() {
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const field = (name) => info.match(new RegExp(`^${name}\\s*: (.*)$`, 'm'))?.[1] ?? '';
  const flags = field('flags').split(' ');
  const isZen4 = field('vendor_id') === 'AuthenticAMD' && Number(field('cpu family')) <= 25;
  if (flags.includes('avx512f')) {
    return isZen4
      ? { perCycle: 16, text: 'AVX-512 at half rate: one multiply-add of 16 numbers a cycle' }
      : { perCycle: 32, text: 'AVX-512: two multiply-adds of 16 numbers a cycle' };
  }
  return flags.includes('fma')
    ? { perCycle: 16, text: 'AVX2: two multiply-adds of 8 numbers a cycle' }
    : { perCycle: 8, text: 'two multiply-adds of 4 numbers a cycle' };
}
