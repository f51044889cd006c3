import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Needs Java and Maven: `npm run test:kafka`.
    exclude: ['test/kafka/**'],
    globalSetup: 'test/support/global-setup.ts',
    // Processes, since the end-to-end tests send signals. Two cores are what a small machine has.
    pool: 'forks',
    // The end-to-end tests start some two hundred processes: what one has compiled the others need not.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/truepenny', import.meta.url)) },
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
  },
});
