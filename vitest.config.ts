import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'tests/**/*.spec.ts'],
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // On a loaded machine a second, the default, is soon over. Who waits longer than needed waits for a failure only.
    expect: { poll: { timeout: 60_000 } },
  },
});
