import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{harness,scenarios,fixtures,reports,tests}/**/*.test.ts'],
    reporters: ['default', './tests/closing-lines.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
