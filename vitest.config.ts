import { defineConfig } from 'vitest/config';

// Slow tests are named x.slow.test.ts and run only with AVD_TEST_SLOW=1 (npm run test:slow).
const slow = process.env['AVD_TEST_SLOW'] === '1';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts'],
    exclude: slow ? [] : ['src/**/*.slow.test.ts'],
    passWithNoTests: true,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    reporters: ['default', ['json', { outputFile: 'test-report.json' }]],
  },
});
