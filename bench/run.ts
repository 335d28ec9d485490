/**
 * `npm run bench [name…] [-- --write]`: measures what muster claims of its own cost and prints it beside what it is compared
 * with. Nothing stays behind but, if asked for, what docs/BENCHMARKS.md says of them, written as soon as each is measured.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Measured, toMarkdown, toPage } from './document.ts';
import type { Benchmark } from './model.ts';
import { benchmarks } from './table.ts';

const PAGE = new URL('../docs/BENCHMARKS.md', import.meta.url);
const USAGE_ERROR = 4;
const INTERRUPTED = 130;
const STOPS = ['SIGINT', 'SIGTERM'] as const;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false }, quick: { type: 'boolean', default: false } },
});
const { write, quick } = values;
/** `load` is all that begins with `load-`. */
const isNamed = ({ name }: Benchmark, by: string): boolean => name === by || name.startsWith(`${by}-`);
const unknown = positionals.filter((name) => !benchmarks.some((one) => isNamed(one, name)));
const names = benchmarks.map(({ name }) => name);
if (unknown.length > 0) {
  process.stderr.write(
    `Failed to find the benchmark "${unknown.join('", "')}": there is none of that name. Name some of ${names.join(', ')}, or none for all.\n`,
  );
  process.exitCode = USAGE_ERROR;
} else if (write && quick) {
  process.stderr.write(
    'Failed to begin: what --quick measures says nothing, so --write does not write it. Leave out one of them.\n',
  );
  process.exitCode = USAGE_ERROR;
} else {
  for (const benchmark of benchmarks) {
    const { name, only_when_named } = benchmark;
    if (positionals.length > 0 && !positionals.some((one) => isNamed(benchmark, one))) continue;
    if (only_when_named && !write && !positionals.includes(name)) {
      process.stdout.write(`${name} was left out: it is long, and measured when it is named or with --write.\n\n`);
      continue;
    }
    const one = await measure(benchmark);
    process.stdout.write(`${toMarkdown(one)}\n\n`);
    if (write) writeFileSync(PAGE, toPage([one], names, existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''));
  }
}

async function measure(benchmark: Benchmark): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-measure-'));
  const clear = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const onInterrupt = (): void => {
    clear();
    process.exit(INTERRUPTED);
  };
  for (const signal of STOPS) process.once(signal, onInterrupt);
  try {
    const began_ms = performance.now();
    const report = await benchmark.measure(folder, quick);
    const on = new Date().toISOString().slice(0, 10);
    return { benchmark, report, seconds: (performance.now() - began_ms) / 1000, on };
  } finally {
    for (const signal of STOPS) process.off(signal, onInterrupt);
    clear();
  }
}
