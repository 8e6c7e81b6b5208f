/**
 * All checks of the repository: lint, the tests of every package, the tests of tools/. `npm test`, or with --slow the slow
 * ones too. The last line is `N passed, N failed, N skipped`; anything that could not run counts as failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addUp, countTap, readReport, testedProjects } from './test-reports.mjs';
import { packageProgram, repoDir, runMain, setup } from './setup.mjs';

// The Nx daemon is left out: it would stay behind, and its view of the files can lag.
const env = { NX_DAEMON: 'false', NX_TUI: 'false', ...process.env };

function run(label, program, args) {
  process.stdout.write(`\n== ${label}\n`);
  const startMs = performance.now();
  const { status } = spawnSync(program, args, { cwd: repoDir, stdio: 'inherit', env });
  const sec = ((performance.now() - startMs) / 1000).toFixed(1);
  process.stdout.write(`== ${label}: ${status === 0 ? 'ok' : 'FAILED'}, ${sec} s\n`);
  return status === 0;
}

function runToolTests() {
  const dir = mkdtempSync(path.join(tmpdir(), 'avd-tools-test-'));
  try {
    const tapFile = path.join(dir, 'result.tap');
    const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.mjs'));
    const reporters = ['spec', 'stdout', 'tap', tapFile];
    const flags = reporters.map(
      (value, i) => `--test-reporter${i % 2 ? '-destination' : ''}=${value}`,
    );
    const paths = files.map((name) => path.join('tools', name));
    const ok = run('tests of tools', process.execPath, ['--test', ...flags, ...paths]);
    return countTap(readFileSync(tapFile, 'utf8'), ok);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function printTotal({ passed, failed, skipped }) {
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
}

async function main() {
  if (process.argv.includes('--slow')) env.AVD_TEST_SLOW = '1';
  await setup({ withNats: true });

  const counts = [];
  if (!run('lint', packageProgram('eslint'), ['.'])) {
    counts.push({ name: 'lint', passed: 0, failed: 1, skipped: 0 });
  }

  const projects = testedProjects(repoDir);
  // Reports are restored by Nx where nothing changed; one left over from before must not be counted.
  for (const { reportPath } of projects) rmSync(reportPath, { force: true });
  const packagesOk = run('tests of packages', packageProgram('nx'), [
    'run-many',
    '--target=test',
    '--parallel=2',
  ]);
  counts.push(...projects.map(readReport));
  counts.push({ name: 'tools', ...runToolTests() });

  const total = addUp(counts, packagesOk);
  process.stdout.write('\n');
  for (const { name, failed, note } of counts) {
    if (failed > 0) process.stdout.write(`${name}: ${note ?? `${failed} failed`}\n`);
  }
  printTotal(total);
  return total.failed === 0 ? 0 : 1;
}

await runMain(main, () => printTotal({ passed: 0, failed: 1, skipped: 0 }));
