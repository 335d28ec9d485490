import { defineConfig } from 'vitest/config';

/** `npm run test:kubernetes`: apart from the other tests, since it needs root, packages of Debian and, the first time, minutes of both cores. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    include: ['tests/kubernetes/in-cluster.ts'],
    reporters: ['verbose'],
    testTimeout: 5 * 60_000,
    hookTimeout: 25 * 60_000,
  },
});
