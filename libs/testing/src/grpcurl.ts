import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const VERSION = 'v1.9.3';
/** Kept between runs: building it takes a minute. */
const CACHE_DIR = path.join(tmpdir(), `avd-grpcurl-${VERSION}`);
const BUILD_LIMIT_MS = 400_000;

/** Path of the real grpcurl, built with the Go toolchain at the first call; undefined where that cannot be. */
export function findGrpcurl(): string | undefined {
  const binary = path.join(CACHE_DIR, 'grpcurl');
  if (existsSync(binary)) return binary;
  mkdirSync(CACHE_DIR, { recursive: true });
  try {
    execFileSync('go', ['install', `github.com/fullstorydev/grpcurl/cmd/grpcurl@${VERSION}`], {
      env: { ...process.env, GOBIN: CACHE_DIR },
      stdio: 'ignore',
      timeout: BUILD_LIMIT_MS,
    });
    return binary;
  } catch {
    return undefined;
  }
}
