/**
 * `npm run bench [name…] [-- --write]`: measures what muster claims of its own cost and prints it beside what it is compared
 * with. Nothing stays behind but, if asked for, what docs/BENCHMARKS.md says of them.
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
  options: { write: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => benchmarks.every((one) => one.name !== name));
const names = benchmarks.map(({ name }) => name);
if (unknown.length > 0) {
  process.stderr.write(
    `Failed to find the benchmark "${unknown.join('", "')}": there is none of that name. Name some of ${names.join(', ')}, or none for all.\n`,
  );
  process.exitCode = USAGE_ERROR;
} else {
  const measured: Measured[] = [];
  for (const benchmark of benchmarks) {
    if (positionals.length > 0 && !positionals.includes(benchmark.name)) continue;
    const one = await measure(benchmark);
    process.stdout.write(`${toMarkdown(one)}\n\n`);
    measured.push(one);
  }
  if (values.write) writeFileSync(PAGE, toPage(measured, names, existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''));
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
    const report = await benchmark.measure(folder);
    const on = new Date().toISOString().slice(0, 10);
    return { benchmark, report, seconds: (performance.now() - began_ms) / 1000, on };
  } finally {
    for (const signal of STOPS) process.off(signal, onInterrupt);
    clear();
  }
}
