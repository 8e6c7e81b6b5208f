/** Reads what the test runners report and adds it up. What did not run at all counts as failed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Workspace packages with a `test` script: `{ name, reportPath }`. */
export function testedProjects(repoDir) {
  return ['libs', 'services', 'apps'].flatMap((group) =>
    readdirSync(path.join(repoDir, group)).flatMap((folder) => {
      const dir = path.join(repoDir, group, folder);
      const manifestPath = path.join(dir, 'package.json');
      if (!existsSync(manifestPath)) return [];
      const manifest = JSON.parse(readFileSync(manifestPath, 'utf8'));
      if (manifest.scripts?.test === undefined) return [];
      return [{ name: manifest.name, reportPath: path.join(dir, 'test-report.json') }];
    }),
  );
}

/** Counts of one package from Vitest's JSON report. */
export function readReport({ name, reportPath }) {
  if (!existsSync(reportPath)) {
    return {
      name,
      passed: 0,
      failed: 1,
      skipped: 0,
      note: 'no test report: its build or its tests did not run',
    };
  }
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  // A file that cannot be loaded fails without a failed test in it.
  const failed = Math.max(report.numFailedTests, report.success === false ? 1 : 0);
  return {
    name,
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Counts from the summary of `node --test` in TAP form; `ok` is whether the run ended well. */
export function countTap(tap, ok) {
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  return {
    passed: count('pass'),
    failed: ok ? failed : Math.max(1, failed),
    skipped: count('skipped') + count('todo'),
  };
}

/** Sum of all counts. Never a success without a test, or when the runner itself says that something failed. */
export function addUp(counts, runnerOk) {
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  if (total.failed === 0 && (!runnerOk || total.passed === 0)) total.failed = 1;
  return total;
}
