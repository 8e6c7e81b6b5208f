import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

/** Memory of a process and all its descendants now, in bytes (resident; Linux only). */
function treeResidentBytes(rootPid) {
  const parents = new Map();
  const resident = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      resident.set(Number(name), Number(fields[21]) * 4096);
    } catch {
      // The process ended while we looked.
    }
  }
  let sum = 0;
  for (const [pid, bytes] of resident) {
    let ancestor = pid;
    while (ancestor !== rootPid && parents.has(ancestor)) ancestor = parents.get(ancestor);
    if (ancestor === rootPid) sum += bytes;
  }
  return sum;
}

/**
 * Runs a command to its end.
 * @returns {Promise<{wallSec: number, peakBytes: number, stdout: string}>} peak memory is the sum over the
 *   process and its children, looked at ten times a second
 */
export function runMeasured(command, args) {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let peakBytes = 0;
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr = (stderr + text).slice(-4000)));
    const timer = setInterval(
      () => (peakBytes = Math.max(peakBytes, treeResidentBytes(child.pid))),
      100,
    );
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      if (code !== 0)
        return reject(new Error(`${command} ${args.join(' ')} ended with ${code}: ${stderr}`));
      resolve({ wallSec: (performance.now() - startedMs) / 1000, peakBytes, stdout });
    });
  });
}
