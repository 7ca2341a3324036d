import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{devices,broker,ingest,dashboards,simulators,test}/**/*.test.ts'],
    // Real servers, real disks and two cores: enough for the slowest of them, short enough to notice one that hangs.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/count-reporter.ts'],
  },
});
