/**
 * Makes a fresh clone ready to use: `npm run setup`. Checks Node, installs the npm packages, sees to ffmpeg, builds.
 * Plain Node, no packages: it runs before there are any. Quick when there is nothing to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

export const repoDir = path.resolve(import.meta.dirname, '..');

const MIN_NODE = [20, 19];

/** Why there is no going on, in one sentence. Exit code 4, as of the avd command: something to install first. */
export class SetupError extends Error {
  constructor(message, exitCode = 4) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a step, saying what it is and how long it took: `label ... 1.2 s`. */
export async function step(label, work) {
  const startMs = performance.now();
  process.stdout.write(`${label} ... `);
  try {
    const note = await work();
    const sec = ((performance.now() - startMs) / 1000).toFixed(1);
    process.stdout.write(`${note ? `${note}, ` : ''}${sec} s\n`);
  } catch (error) {
    process.stdout.write('failed\n');
    throw error;
  }
}

/** Runs a main function that returns the exit code; a SetupError becomes one sentence and its exit code. */
export async function runMain(main, onSetupError = () => {}) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    onSetupError();
    process.exitCode = error.exitCode;
  }
}

/** Runs a program in the repository; shows what it printed only when it fails. */
export function runQuietly(program, args, failure, exitCode) {
  const result = spawnSync(program, args, { cwd: repoDir, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.status === 0) return;
  process.stderr.write(`\n${result.stdout ?? ''}${result.stderr ?? ''}\n`);
  const reason = result.error ? ` (${result.error.message})` : '';
  throw new SetupError(`${failure}${reason}`, exitCode);
}

/** Path of a program that an npm package of the project brings. */
export function packageProgram(name) {
  return path.join(repoDir, 'node_modules', '.bin', name);
}

export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) return;
  throw new SetupError(
    `avd needs Node ${MIN_NODE.join('.')} or newer; this is ${version}. Install it from https://nodejs.org.`,
  );
}

/**
 * True when node_modules holds what the lock file asks for. npm notes what it installed in
 * node_modules/.package-lock.json, so that this needs no npm and also notices an interrupted installation.
 */
export function packagesAreCurrent(dir = repoDir) {
  const readPackages = (file) => JSON.parse(readFileSync(path.join(dir, file), 'utf8')).packages;
  if (!existsSync(path.join(dir, 'node_modules', '.package-lock.json'))) return false;
  const installed = readPackages('node_modules/.package-lock.json');
  return Object.entries(readPackages('package-lock.json')).every(([where, wanted]) => {
    if (!where.startsWith('node_modules/')) return true;
    const found = installed[where];
    // Packages for other platforms are optional and absent.
    if (found === undefined) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

export function installPackages() {
  if (packagesAreCurrent()) return 'up to date';
  runQuietly('npm', ['ci'], 'The npm packages could not be installed; see above.');
  return 'installed';
}

function programRuns(program) {
  return spawnSync(program, ['-version'], { stdio: 'ignore' }).status === 0;
}

/** The same rule as libs/media: AVD_FFMPEG (a program or the folder of both), else the PATH. */
function hasFfmpeg() {
  const named = process.env.AVD_FFMPEG;
  if (named) return existsSync(named);
  return programRuns('ffmpeg') && (process.env.AVD_FFPROBE !== undefined || programRuns('ffprobe'));
}

/** The same rule as libs/messaging: AVD_NATS_SERVER, else the PATH or where Debian puts it. */
function hasNatsServer() {
  const named = process.env.AVD_NATS_SERVER;
  if (named) return existsSync(named);
  return ['nats-server', '/usr/sbin/nats-server'].some(
    (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

/**
 * How a package may be installed here: `command` (absent: not known), and `allowed`: 'yes' (root, CI, or told so), 'ask'
 * (a person is there) or 'no'.
 */
export function installation(
  packageName,
  { platform, isRoot, hasApt, hasSudo, isCi, consent, isTerminal },
) {
  if (platform === 'darwin') return { command: `brew install ${packageName}`, allowed: 'no' };
  if (!hasApt) return { allowed: 'no' };
  const prefix = isRoot ? '' : 'sudo ';
  const command = `${prefix}apt-get install -y --no-install-recommends ${packageName}`;
  if (!isRoot && !hasSudo) return { command, allowed: 'no' };
  if (isRoot || isCi || consent) return { command, allowed: 'yes' };
  return { command, allowed: isTerminal ? 'ask' : 'no' };
}

function thisMachine(consent) {
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    hasApt: spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0,
    hasSudo: spawnSync('sudo', ['--version'], { stdio: 'ignore' }).status === 0,
    isCi: process.env.CI !== undefined && process.env.CI !== 'false',
    consent,
    isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
  };
}

async function askUser(question) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

/** Installs a package where that is allowed. @throws SetupError with `wanted`, which says what to do, where it is not */
async function installPackage(packageName, hasProgram, what, consent) {
  const plan = installation(packageName, thisMachine(consent));
  const advice = plan.command === undefined ? `install ${packageName}` : `run: ${plan.command}`;
  const wanted = `${what} Please ${advice}`;
  const allowed =
    plan.allowed === 'yes' ||
    (plan.allowed === 'ask' && (await askUser(`\n${what} Run "${plan.command}"?`)));
  if (!allowed) throw new SetupError(wanted);
  const [program, ...args] = plan.command.split(' ');
  if (spawnSync(program, args, { stdio: 'ignore' }).status !== 0) {
    // Most often the list of packages is old or not there at all (a bare container).
    const update = plan.command.replace(/install .*/, 'update').split(' ');
    runQuietly(update[0], update.slice(1), `The list of packages could not be read. ${wanted}`);
    runQuietly(program, args, `${packageName} could not be installed. ${wanted}`);
  }
  if (!hasProgram()) throw new SetupError(wanted);
  return 'installed';
}

async function provideFfmpeg(consent) {
  if (hasFfmpeg()) return 'found';
  const what = 'avd needs ffmpeg and ffprobe to read videos.';
  return installPackage('ffmpeg', hasFfmpeg, what, consent);
}

/** For `avd up` and its tests; everything else works without. */
async function provideNatsServer(consent) {
  if (hasNatsServer()) return 'found';
  const what = 'The system of services (avd up) needs nats-server; its tests are skipped without.';
  try {
    return await installPackage('nats-server', hasNatsServer, what, consent);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return error.message;
  }
}

export function build() {
  runQuietly(packageProgram('tsc'), ['-b'], 'The build failed; see above.', 1);
}

/**
 * Everything a command of this repository needs.
 * @param options.withNats also what the system of services needs, where it may be installed
 * @throws SetupError saying what is missing
 */
export async function setup({ consent = process.env.AVD_APT === '1', withNats = false } = {}) {
  checkNode();
  await step('npm packages', installPackages);
  await step('ffmpeg', () => provideFfmpeg(consent));
  if (withNats) await step('nats-server', () => provideNatsServer(consent));
  await step('build', build);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await setup({ consent: process.argv.includes('--yes') || process.env.AVD_APT === '1' });
    process.stdout.write('Ready. Try: npm run quickstart\n');
    return 0;
  });
}
