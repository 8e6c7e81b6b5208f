import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { addUp, countTap, readReport } from './test-reports.mjs';

describe('readReport', () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'avd-reports-test-'));
  const reportPath = path.join(dir, 'test-report.json');
  after(() => rmSync(dir, { recursive: true }));

  const report = {
    success: true,
    numPassedTests: 7,
    numFailedTests: 0,
    numPendingTests: 2,
    numTodoTests: 1,
  };

  it('counts skipped and todo tests as skipped', () => {
    writeFileSync(reportPath, JSON.stringify(report));
    const counts = readReport({ name: 'a', reportPath });
    assert.deepEqual(counts, { name: 'a', passed: 7, failed: 0, skipped: 3 });
  });

  it('counts a test file that could not be loaded as a failure', () => {
    writeFileSync(reportPath, JSON.stringify({ ...report, success: false }));
    assert.equal(readReport({ name: 'a', reportPath }).failed, 1);
  });

  it('counts a package without a report as a failure', () => {
    const missing = readReport({ name: 'a', reportPath: path.join(dir, 'none.json') });
    assert.equal(missing.failed, 1);
    assert.match(missing.note, /no test report/);
  });
});

describe('countTap', () => {
  const summary = '# tests 9\n# pass 5\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 1\n';

  it('reads the summary of node --test', () => {
    assert.deepEqual(countTap(summary, false), { passed: 5, failed: 2, skipped: 2 });
  });

  it('sees a failure when the run ended badly without a failed test', () => {
    assert.equal(countTap('# pass 3\n# fail 0\n', false).failed, 1);
  });
});

describe('addUp', () => {
  const good = { passed: 2, failed: 0, skipped: 1 };

  it('adds the counts', () => {
    assert.deepEqual(addUp([good, { passed: 1, failed: 3, skipped: 0 }], true), {
      passed: 3,
      failed: 3,
      skipped: 1,
    });
  });

  it('is no success when nothing ran', () => {
    assert.equal(addUp([], true).failed, 1);
  });

  it('is no success when the runner says that something failed', () => {
    assert.equal(addUp([good], false).failed, 1);
  });
});
