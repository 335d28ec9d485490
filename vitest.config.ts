import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The examples import what users import.
  resolve: {
    alias: {
      'a2a-muster/msw': new URL('./fixtures/msw/index.ts', import.meta.url).pathname,
      'a2a-muster/peers': new URL('./fixtures/peers/index.ts', import.meta.url).pathname,
    },
  },
  test: {
    include: ['{harness,scenarios,fixtures,reports,tests}/**/*.test.ts'],
    reporters: ['default', './tests/closing-lines.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
