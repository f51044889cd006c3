import { defineConfig } from 'vitest/config';

/** `npm run test:kafka`: needs Java 17 and Maven, so it is no part of `npm test`. */
export default defineConfig({
  test: {
    include: ['test/kafka/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    pool: 'forks',
    testTimeout: 170_000,
    hookTimeout: 170_000,
    teardownTimeout: 60_000,
  },
});
