/**
 * Exercises the image build where no container engine runs:
 *
 *   node deploy/docker/exercise-build.mjs [options] [-- COMMAND...]
 *
 *   --entries LIST   workspaces, comma-separated (default: all six services and apps/cli)
 *   --out DIR        where to (default: a temporary folder, removed at the end)
 *   --reuse          leave out what stands in DIR already, of an earlier run
 *   --media DIR      recordings which the services may read (default: sample)
 *   --start          start the services: each as user 1000 without capabilities, with everything read-only but its own work
 *                    folder and the blob store, beside a nats-server; wait for their health, run COMMAND with AVD_ORCHESTRATOR
 *                    set to the address of the API and AVD_CLI to the assembled command line, stop them with SIGTERM. Needs
 *                    root, unshare, setpriv and nats-server.
 *
 * It shares assemble.mjs with the Dockerfile, so what is tried is what an image contains above Debian, Node and ffmpeg; those
 * are this machine's. Prints the sizes. Exit code: that of COMMAND, 1 when a step fails, 77 when --start cannot be done here.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { assemble } from './assemble.mjs';

const HEALTH = {
  'face-track': 'avdiarization.stage.v1.FaceTrackService',
  syncnet: 'avdiarization.stage.v1.SyncNetService',
  vad: 'avdiarization.stage.v1.VadService',
  embed: 'avdiarization.stage.v1.EmbedService',
  cluster: 'avdiarization.stage.v1.ClusterService',
  orchestrator: 'avdiarization.v1.DiarizationService',
};
const ENTRIES = [...Object.keys(HEALTH).map((name) => `services/${name}`), 'apps/cli'];
const USER = 1000;
const START_MS = 150_000;
// As in deploy/k8s/base/pod-defaults.yaml.
const GRACE_SEC = { shutdown: 60, termination: 120 };

/**
 * Runs in a mount namespace of its own: the data folder stays writable, the rest of the file system does not, and then the
 * rights go. What is written where it must not is found out before the service starts.
 */
const SANDBOX = `
set -e
data=$1; app=$2; entry=$3; node=$4
mount --bind "$data" "$data"
mount --bind "$app" "$app"
mount -o remount,bind,ro "$app"
mount -o remount,bind,ro /
drop="setpriv --reuid=${USER} --regid=${USER} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all"
for place in / /var/tmp "$app"; do
  if $drop sh -c "touch '$place/avd-probe' 2>/dev/null"; then echo "$place is writable" >&2; exit 3; fi
done
if touch "$app/avd-probe" 2>/dev/null; then echo "$app is not read-only" >&2; exit 3; fi
cd "$app"
exec $drop "$node" "$entry"
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    entries: { type: 'string', default: ENTRIES.join(',') },
    out: { type: 'string' },
    media: { type: 'string', default: path.join(import.meta.dirname, '../../sample') },
    reuse: { type: 'boolean', default: false },
    start: { type: 'boolean', default: false },
  },
});
const entries = values.entries.split(',');
const outDir = path.resolve(values.out ?? mkdtempSync(path.join(tmpdir(), 'avd-images-')));
const children = [];

function sizeBytes(file) {
  const stat = lstatSync(file);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(file).reduce((sum, name) => sum + sizeBytes(path.join(file, name)), 0);
}

const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function assembleAll() {
  for (const entry of entries) {
    const appDir = path.join(outDir, path.basename(entry), 'app');
    if (values.reuse && existsSync(path.join(appDir, 'node_modules'))) continue;
    const startMs = performance.now();
    const workspaces = assemble(entry, appDir);
    const sec = ((performance.now() - startMs) / 1000).toFixed(1);
    const packages = sizeBytes(path.join(appDir, 'node_modules'));
    const code = sizeBytes(appDir) - packages;
    process.stdout.write(
      `${entry.padEnd(22)} packages ${mib(packages).padStart(10)}, code ${mib(code).padStart(8)}, ` +
        `${workspaces.length} workspaces, ${sec} s\n`,
    );
  }
}

function whyNotStart() {
  if (process.getuid?.() !== 0) return '--start needs root';
  for (const [program, flag] of [
    ['unshare', '--version'],
    ['setpriv', '--version'],
    ['nats-server', '--version'],
  ])
    if (spawnSync(program, [flag]).status !== 0) return `--start needs ${program}`;
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) return 'no mount namespaces here';
  return undefined;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function start(name, program, args, env = {}) {
  const logFile = path.join(outDir, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env });
  children.push({
    name,
    child,
    logFile,
    ended: new Promise((resolve) => child.once('exit', resolve)),
  });
}

const logTail = (logFile) => readFileSync(logFile, 'utf8').split('\n').slice(-20).join('\n');

async function startService(name, shared) {
  const root = path.join(outDir, name);
  const dataDir = path.join(outDir, 'data');
  const own = path.join(dataDir, name);
  for (const folder of ['work', 'tmp']) mkdirSync(path.join(own, folder), { recursive: true });
  for (const folder of [own, path.join(own, 'work'), path.join(own, 'tmp')])
    chownSync(folder, USER, USER);
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    HOME: path.join(own, 'tmp'),
    TMPDIR: path.join(own, 'tmp'),
    ...shared,
    AVD_GRPC_ADDRESS: `127.0.0.1:${port}`,
    AVD_WORK_DIR: path.join(own, 'work'),
    AVD_SHUTDOWN_GRACE_SEC: String(GRACE_SEC.shutdown),
    HEALTH_SERVICE: HEALTH[name],
    ...(name === 'orchestrator' ? { AVD_HTTP_ADDRESS: `127.0.0.1:${await freePort()}` } : {}),
    AVD_MEDIA_ROOTS: path.resolve(values.media),
  };
  const app = path.join(root, 'app');
  const node = path.join(outDir, 'node');
  const entry = path.join(app, 'services', name, 'dist/main.js');
  if (!existsSync(entry)) throw new Error(`${entry} is missing`);
  start(
    name,
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', SANDBOX, name, dataDir, app, entry, node],
    env,
  );
  return { name, env, app, node, startedMs: Date.now() };
}

async function waitUntilHealthy({ name, env, app, node, startedMs }) {
  const endMs = startedMs + START_MS;
  const { child, logFile } = children.find((entry) => entry.name === name);
  for (;;) {
    const probe = spawnSync(node, [path.join(app, 'health.mjs'), 'ready'], {
      env,
      encoding: 'utf8',
    });
    if (probe.status === 0) break;
    if (child.exitCode !== null || Date.now() > endMs)
      throw new Error(`${name} is not healthy: ${probe.stderr}\n${logTail(logFile)}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const sec = ((Date.now() - startedMs) / 1000).toFixed(1);
  // What the kubelet's liveness probe asks.
  const alive = spawnSync(node, [path.join(app, 'health.mjs')], { env, encoding: 'utf8' });
  if (alive.status !== 0) throw new Error(`${name} is ready and not alive: ${alive.stderr}`);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const uid = /^Uid:\s+(\d+)/m.exec(status)[1];
  const capabilities = /^CapEff:\s+(\w+)/m.exec(status)[1];
  if (uid !== String(USER) || !/^0+$/.test(capabilities))
    throw new Error(`${name} runs as user ${uid} with capabilities ${capabilities}`);
  process.stdout.write(
    `${name} serves on ${env.AVD_GRPC_ADDRESS} after ${sec} s, user ${uid}, no capabilities, root read-only\n`,
  );
}

async function stopAll() {
  for (const { name, child, ended, logFile } of children.reverse()) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_SEC.termination * 1000);
    const status = await ended;
    clearTimeout(timer);
    if (name !== 'nats-server' && status !== 0) {
      process.stderr.write(
        `${name} ended with ${status ?? child.signalCode}:\n${logTail(logFile)}\n`,
      );
      process.exitCode ||= 1;
    }
  }
}

async function startAll() {
  chmodSync(outDir, 0o755);
  copyFileSync(process.execPath, path.join(outDir, 'node'));
  const dataDir = path.join(outDir, 'data');
  mkdirSync(path.join(dataDir, 'blobs'), { recursive: true });
  chownSync(path.join(dataDir, 'blobs'), USER, USER);
  const natsPort = await freePort();
  start(
    'nats-server',
    'nats-server',
    ['-a', '127.0.0.1', '-p', String(natsPort), '-js', '-sd', path.join(outDir, 'nats')],
    process.env,
  );
  const shared = {
    AVD_NATS_URL: `nats://127.0.0.1:${natsPort}`,
    AVD_BLOB_STORE: `file://${dataDir}/blobs`,
    AVD_LOG_LEVEL: 'info',
  };
  const names = entries
    .filter((entry) => entry.startsWith('services/'))
    .map((entry) => path.basename(entry));
  const started = [];
  // The orchestrator makes the streams.
  for (const name of names.sort(
    (a, b) => Number(b === 'orchestrator') - Number(a === 'orchestrator'),
  ))
    started.push(await startService(name, shared));
  for (const service of started) await waitUntilHealthy(service);
  if (positionals.length === 0) return;
  const [program, ...args] = positionals;
  const address = started.find(({ name }) => name === 'orchestrator')?.env.AVD_GRPC_ADDRESS;
  const command = spawn(program, args, {
    stdio: 'inherit',
    env: {
      ...process.env,
      AVD_ORCHESTRATOR: address,
      AVD_CLI: path.join(outDir, 'cli/app/apps/cli/bin/avd.js'),
    },
  });
  process.exitCode = await new Promise((resolve) =>
    command.once('exit', (status) => resolve(status ?? 1)),
  );
}

try {
  assembleAll();
  const reason = values.start ? whyNotStart() : undefined;
  if (reason) {
    process.stdout.write(`not started: ${reason}\n`);
    process.exitCode = 77;
  } else if (values.start) await startAll();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  await stopAll();
  if (!values.out) rmSync(outDir, { recursive: true, force: true });
}
