import { homedir } from 'node:os';
import path from 'node:path';

/** Folder of downloaded models and of files made from models: `$XDG_CACHE_HOME/avd`, or the same under `~/.cache`. */
export function defaultCacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'];
  // The XDG specification says that a relative path is to be ignored.
  const root = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache');
  return path.join(root, 'avd');
}
