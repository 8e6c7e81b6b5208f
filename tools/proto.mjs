/**
 * The contract: `npm run proto` checks proto/ and writes the code and the descriptor image in libs/contracts/src/gen.
 *
 *   --check      writes nothing; fails when the generated code is not that of proto/
 *   --breaking   fails when proto/ breaks clients of the contract as it is committed on main (or HEAD)
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageProgram, repoDir, runMain, SetupError } from './setup.mjs';

const protoDir = path.join(repoDir, 'proto');
const genPath = 'libs/contracts/src/gen';
const imageName = 'descriptor-image.ts';

/** Runs buf without a network; what it finds is printed as it is. */
function buf(args, failure, { cwd = protoDir } = {}) {
  const bin = path.dirname(packageProgram('buf'));
  const result = spawnSync(packageProgram('buf'), args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}` },
  });
  if (result.status === 0) return;
  const found = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`.trim();
  throw new SetupError(`${found}\n${failure}`, 1);
}

/** Checks the style of the contract, comments included. */
export function lint(dir = protoDir) {
  buf(['lint'], 'The contract in proto/ breaks its rules.', { cwd: dir });
  buf(['format', '--exit-code', '--diff'], 'Run `npx buf format -w` in proto/.', { cwd: dir });
}

function withTempDir(work) {
  const dir = mkdtempSync(path.join(tmpdir(), 'avd-proto-'));
  try {
    return work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The image as a module: the compiler ships it, and git shows which lines changed. */
function imageModule(image) {
  const lines = image.toString('base64').match(/.{1,100}/g);
  return `// Written by tools/proto.mjs from proto/. DO NOT EDIT.

/** google.protobuf.FileDescriptorSet, base64. */
export const descriptorImageBase64: string = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
}

/** Bytes of the image in the text of such a module. */
export function readImageModule(text) {
  const lines = [...text.matchAll(/^ {2}'(.*)',$/gm)].map(([, line]) => line);
  return Buffer.from(lines.join(''), 'base64');
}

function buildImage(imagePath, dir) {
  const args = ['build', '--as-file-descriptor-set', '-o', imagePath];
  buf(args, 'The contract in proto/ cannot be built.', { cwd: dir });
}

/** Writes all generated files into an empty folder. */
export function generate(outDir) {
  withTempDir((dir) => {
    // The template names the folder in the repository; only its `out` is exchanged.
    const template = readFileSync(path.join(protoDir, 'buf.gen.yaml'), 'utf8');
    const templatePath = path.join(dir, 'buf.gen.yaml');
    writeFileSync(templatePath, template.replace(/^( +out:).*$/m, `$1 ${outDir}`));
    buf(['generate', '--template', templatePath], 'The code could not be generated.');
    const imagePath = path.join(dir, 'image.binpb');
    buildImage(imagePath, protoDir);
    writeFileSync(path.join(outDir, imageName), imageModule(readFileSync(imagePath)));
  });
}

function filesOf(dir) {
  if (!existsSync(dir)) return new Map();
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .map((file) => [path.relative(dir, file), readFileSync(file, 'utf8')]),
  );
}

/** Names of the files that differ between two folders, or are in one only. */
export function differingFiles(dirA, dirB) {
  const [a, b] = [filesOf(dirA), filesOf(dirB)];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((name) => a.get(name) !== b.get(name))
    .sort();
}

/** Names of the generated files that are not what proto/ gives. */
export function outdatedFiles() {
  return withTempDir((dir) => {
    generate(dir);
    return differingFiles(dir, path.join(repoDir, genPath));
  });
}

function git(args) {
  return spawnSync('git', args, { cwd: repoDir, maxBuffer: 1 << 28 });
}

/**
 * Fails when the contract breaks clients of an earlier one.
 * @param earlier image of the earlier contract
 * @param ref its name, for the message
 */
export function refuseBreaking(earlier, ref, dir = protoDir) {
  withTempDir((tempDir) => {
    // Image against image: buf would compare a folder module by module, and miss the files of the others.
    const now = path.join(tempDir, 'now.binpb');
    const before = path.join(tempDir, 'before.binpb');
    buildImage(now, dir);
    writeFileSync(before, earlier);
    const config = '{"version":"v2","breaking":{"use":["FILE"]}}';
    buf(
      ['breaking', now, '--against', before, '--config', config],
      `This breaks clients of ${ref}.`,
      {
        cwd: dir,
      },
    );
  });
}

/** @returns a sentence: compared with what, or why there was nothing to compare with */
export function checkBreaking() {
  if (git(['rev-parse', '--git-dir']).status !== 0) {
    return 'Skipped: without a git checkout there is no earlier contract to compare with.';
  }
  for (const ref of ['main', 'HEAD']) {
    const { status, stdout } = git(['show', `${ref}:${genPath}/${imageName}`]);
    if (status !== 0) continue;
    refuseBreaking(readImageModule(stdout.toString('utf8')), ref);
    return `Nothing breaks clients of the contract on ${ref}.`;
  }
  return 'Skipped: neither main nor HEAD has a contract to compare with.';
}

async function main() {
  const [mode = '', ...rest] = process.argv.slice(2);
  if (rest.length > 0 || !['', '--check', '--breaking'].includes(mode)) {
    throw new SetupError('Usage: node tools/proto.mjs [--check | --breaking]', 2);
  }
  if (mode === '--breaking') {
    process.stdout.write(`${checkBreaking()}\n`);
    return 0;
  }
  lint();
  if (mode === '--check') {
    const names = outdatedFiles();
    if (names.length > 0) {
      throw new SetupError(
        `Not what proto/ gives: ${names.join(', ')}. Run \`npm run proto\` and commit the result.`,
        1,
      );
    }
    process.stdout.write(`${genPath} is what proto/ gives.\n`);
    return 0;
  }
  // Generated aside first: a failure leaves the code as it was.
  withTempDir((dir) => {
    generate(dir);
    const genDir = path.join(repoDir, genPath);
    const files = filesOf(dir);
    for (const name of differingFiles(dir, genDir)) {
      const file = path.join(genDir, name);
      if (files.has(name)) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, files.get(name));
      } else rmSync(file);
    }
  });
  process.stdout.write(`Wrote ${genPath}.\n`);
  return 0;
}

if (process.argv[1] === import.meta.filename) await runMain(main);
