import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './tests/slowest-first.ts';

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
    // A whole suite of muster takes a minute, and there may be two of them on a machine with other work.
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // Runs wait more than they work: where tests of one file are concurrent, two at a time hold each other up little.
    maxConcurrency: 2,
    // As many files at a time as there are cores, which they fill; vitest would leave one core alone.
    maxWorkers: '100%',
    sequence: { sequencer: SlowestFirst },
    // Tests start muster and its agents some hundred times, and most of a start is reading the same code.
    env: { NODE_COMPILE_CACHE: new URL('./.cache/compiled', import.meta.url).pathname },
  },
});
