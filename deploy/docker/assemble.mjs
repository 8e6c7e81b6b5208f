/**
 * Puts one deployable into a folder: `node deploy/docker/assemble.mjs services/syncnet OUT`. The Dockerfile and
 * exercise-build.mjs both do it with this. The repository has to be built. What gets in: the production packages of that
 * workspace and of those it depends on (npm ci from the lock file, no install scripts), their compiled code without tests,
 * and the model manifest. Of native libraries only those of this platform stay, of packages that carry networks only the
 * networks of the manifest, and nowhere type declarations, source maps or demonstrations.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const repoDir = path.resolve(import.meta.dirname, '../..');
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Folders of all workspaces by package name, relative to the repository. */
function workspaceFolders() {
  const { workspaces } = readJson(path.join(repoDir, 'package.json'));
  const folders = workspaces.flatMap((pattern) => {
    const parent = pattern.replace(/\/\*$/, '');
    return readdirSync(path.join(repoDir, parent)).map((name) => `${parent}/${name}`);
  });
  return new Map(
    folders
      .filter((folder) => existsSync(path.join(repoDir, folder, 'package.json')))
      .map((folder) => [readJson(path.join(repoDir, folder, 'package.json')).name, folder]),
  );
}

/** The workspace and all it depends on at run time, as folders. */
function neededFolders(folder, folders) {
  const needed = new Set();
  const visit = (current) => {
    if (needed.has(current)) return;
    needed.add(current);
    const { dependencies = {} } = readJson(path.join(repoDir, current, 'package.json'));
    for (const name of Object.keys(dependencies)) if (folders.has(name)) visit(folders.get(name));
  };
  visit(folder);
  return needed;
}

const isShipped = (file) => !/\.(test|slow\.test)\.js$|\.d\.ts$|\.map$|\.tsbuildinfo$/.test(file);

function copyCode(folder, outDir) {
  for (const part of ['dist', 'assets', 'bin']) {
    const from = path.join(repoDir, folder, part);
    if (existsSync(from))
      cpSync(from, path.join(outDir, folder, part), { recursive: true, filter: isShipped });
  }
}

/** onnxruntime-node brings the libraries of every platform. */
function dropOtherPlatforms(outDir) {
  const bin = path.join(outDir, 'node_modules/onnxruntime-node/bin');
  if (!existsSync(bin)) return;
  for (const api of readdirSync(bin)) {
    for (const platform of readdirSync(path.join(bin, api))) {
      const dir = path.join(bin, api, platform);
      if (platform !== process.platform) rmSync(dir, { recursive: true });
      else
        for (const arch of readdirSync(dir))
          if (arch !== process.arch) rmSync(path.join(dir, arch), { recursive: true });
    }
  }
}

const allFiles = (dir) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

/** Packages with networks, whose code nobody runs. */
const MODEL_PACKAGES = ['@vladmandic/human', '@ricky0123/vad-web'];
/** Folders that were published by mistake or are for people. */
const USELESS_FOLDERS = ['fluent-ffmpeg/coverage', 'fluent-ffmpeg/tools'];
const isUseless = (file) => /\.d\.[cm]?ts$|\.map$|\.tsbuildinfo$/.test(file);
const isAbout = (file) => /^(package\.json|licen[cs]e|notice|readme)/i.test(path.basename(file));

function dropUseless(outDir) {
  const packagesDir = path.join(outDir, 'node_modules');
  const manifest = readJson(path.join(repoDir, 'models/manifest.json'));
  const networks = new Set(
    Object.values(manifest.files).map(({ npmPackage, path: file }) =>
      path.join(packagesDir, npmPackage ?? '', file ?? ''),
    ),
  );
  for (const name of MODEL_PACKAGES) {
    const dir = path.join(packagesDir, name);
    if (!existsSync(dir)) continue;
    // By its entry point the package is found at run time.
    const entryPoint = createRequire(path.join(packagesDir, 'index.js')).resolve(name);
    for (const file of allFiles(dir))
      if (!networks.has(file) && !isAbout(file) && file !== entryPoint) rmSync(file);
  }
  for (const folder of USELESS_FOLDERS)
    rmSync(path.join(packagesDir, folder), { recursive: true, force: true });
  for (const file of allFiles(packagesDir)) if (isUseless(file)) rmSync(file);
}

/** @returns the folders of workspaces that got in */
export function assemble(folder, outDir) {
  const folders = workspaceFolders();
  if (![...folders.values()].includes(folder)) throw new Error(`There is no workspace ${folder}.`);
  if (!existsSync(path.join(repoDir, folder, 'dist')))
    throw new Error(`${folder} is not built; run npm run build first.`);
  mkdirSync(outDir, { recursive: true });
  const copy = (file) => cpSync(path.join(repoDir, file), path.join(outDir, file));
  copy('package.json');
  copy('package-lock.json');
  // npm compares the lock file with all of them.
  for (const each of folders.values()) copy(`${each}/package.json`);

  const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const npm = spawnSync('npm', ['ci', ...flags, '--workspace', folder], {
    cwd: outDir,
    encoding: 'utf8',
  });
  if (npm.status !== 0) throw new Error(`npm ci failed: ${npm.stderr}`);

  const needed = neededFolders(folder, folders);
  for (const [name, each] of folders) {
    if (needed.has(each)) copyCode(each, outDir);
    else {
      rmSync(path.join(outDir, each), { recursive: true });
      rmSync(path.join(outDir, 'node_modules', name), { force: true });
    }
  }
  dropOtherPlatforms(outDir);
  dropUseless(outDir);
  cpSync(path.join(repoDir, 'models/manifest.json'), path.join(outDir, 'models/manifest.json'));
  cpSync(path.join(repoDir, 'deploy/docker/health.mjs'), path.join(outDir, 'health.mjs'));
  for (const text of ['LICENSE', 'NOTICE']) copy(text);
  rmSync(path.join(outDir, 'package-lock.json'));
  return [...needed];
}

if (import.meta.filename === path.resolve(process.argv[1] ?? '')) {
  const [folder, outDir] = process.argv.slice(2);
  if (!folder || !outDir) throw new Error('Usage: node deploy/docker/assemble.mjs WORKSPACE OUT');
  assemble(folder, path.resolve(outDir));
}
