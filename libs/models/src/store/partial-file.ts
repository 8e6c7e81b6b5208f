import { readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

/** Longer than a running download goes without writing (see receive.ts). */
const ABANDONED_AFTER_MS = 120_000;

/**
 * Names the file into which this process downloads, and takes over what an interrupted download left. Every process
 * writes a file of its own, so several may download the same model into the same folder; a left-over is taken over by
 * renaming it, which one of them wins.
 * @param target path of the finished file
 * @returns path of the partial file; it need not exist
 */
export async function claimPartialFile(target: string): Promise<string> {
  const own = `${target}.${ownTag()}.part`;
  const abandoned = await abandonedFiles(target);
  const [largest, ...others] = abandoned.sort((a, b) => b.sizeBytes - a.sizeBytes);
  for (const { filePath } of others) await rm(filePath, { force: true });
  if (largest !== undefined && largest.filePath !== own) {
    // Fails when another process was faster; then this one starts from nothing.
    await rename(largest.filePath, own).catch(() => undefined);
  }
  return own;
}

/** Every partial file of a target, whoever writes it. */
export async function partialFiles(target: string): Promise<readonly string[]> {
  const folder = path.dirname(target);
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.startsWith(`${path.basename(target)}.`) && name.endsWith('.part'))
    .map((name) => path.join(folder, name));
}

async function abandonedFiles(target: string): Promise<{ filePath: string; sizeBytes: number }[]> {
  const found: { filePath: string; sizeBytes: number }[] = [];
  for (const filePath of await partialFiles(target)) {
    const tag = filePath.slice(target.length + 1, -'.part'.length);
    const info = await stat(filePath).catch(() => undefined);
    if (info === undefined) continue;
    const isOld = Date.now() - info.mtimeMs > ABANDONED_AFTER_MS;
    if (isOld || isOfDeadProcess(tag)) found.push({ filePath, sizeBytes: info.size });
  }
  return found;
}

/** Only processes of this computer can be asked whether they live; this one has no other download of the target. */
function isOfDeadProcess(tag: string): boolean {
  if (tag === ownTag()) return true;
  const processId = tag.startsWith(`${hostTag()}-`) ? Number(tag.slice(hostTag().length + 1)) : NaN;
  if (!Number.isSafeInteger(processId)) return false;
  try {
    process.kill(processId, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function ownTag(): string {
  return `${hostTag()}-${process.pid}`;
}

function hostTag(): string {
  return hostname().replace(/[^\w]/g, '_');
}
