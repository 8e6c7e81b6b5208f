/**
 * Ends the processes of a system whose starter is gone. The starter writes `+PID` and `-PID` lines into standard input;
 * when that closes with processes still listed, they are asked to stop, and killed with all that they started after a
 * while. It runs in a session of its own, so that no Ctrl-C reaches it. Nothing but Node's own modules: it must always run.
 */
import { createInterface } from 'node:readline';

const GRACE_MS = 5000;
const POLL_MS = 50;

const watched = new Set<number>();
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (line.startsWith('+')) watched.add(pid);
  else watched.delete(pid);
}
for (const pid of watched) signalIfThere(pid, 'SIGTERM');
const endMs = performance.now() + GRACE_MS;
while ([...watched].some((pid) => signalIfThere(pid, 0)) && performance.now() < endMs) {
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
// Each of them leads a group of its own, which has its programs as well (ffmpeg).
for (const pid of watched) signalIfThere(-pid, 'SIGKILL');

function signalIfThere(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
