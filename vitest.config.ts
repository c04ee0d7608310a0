import { defineConfig } from 'vitest/config';

// Tests run on the sources ("source" export condition), so they never see a stale dist.
export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'tools/**/*.test.ts',
      'benchmarks/**/*.test.mjs',
      '.doctest/**/*.test.ts',
    ],
    setupFiles: ['packages/model/testing/setup.ts'],
    testTimeout: 30_000,
    pool: 'threads',
  },
});
