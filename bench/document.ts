/** Benchmarks as Markdown: what is printed and what docs/BENCHMARKS.md holds are the same text. */
import { availableParallelism } from 'node:os';
import type { Benchmark, Report, Table } from './model.ts';
import { versionOf } from './versions.ts';

export interface Measured {
  readonly benchmark: Benchmark;
  readonly report: Report;
  readonly seconds: number;
  /** The day, as 2026-01-31. */
  readonly on: string;
}

export function toMarkdown({ benchmark, report, seconds, on }: Measured): string {
  return [
    `## ${benchmark.name}: ${benchmark.title}`,
    benchmark.method,
    ...report.tables.map(toTable),
    report.findings.map((finding) => `- ${finding}`).join('\n'),
    `Measured on ${on} in ${Math.round(seconds)} s, on ${machine()}; ${versions()}.`,
  ].join('\n\n');
}

function toTable({ caption, columns, rows }: Table): string {
  const lines = [columns, columns.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  return `*${caption}*\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`;
}

/** The whole page: what was measured now, and of what the page held before whatever was not, in the order of `names`. */
export function toPage(measured: readonly Measured[], names: readonly string[], before: string): string {
  const sections = new Map([
    ...sectionsOf(before),
    ...measured.map((one) => [one.benchmark.name, toMarkdown(one)] as const),
  ]);
  return `${['# Benchmarks', INTRODUCTION, ...names.flatMap((name) => sections.get(name) ?? [])].join('\n\n')}\n`;
}

/** By the name of the benchmark. */
function sectionsOf(page: string): readonly (readonly [string, string])[] {
  return page
    .split(/^(?=## )/m)
    .slice(1)
    .map((section) => [/^## ([^:\n]*)/.exec(section)?.[1] ?? '', section.trimEnd()] as const);
}

const INTRODUCTION = `\`npm run bench\` measures all of this, \`npm run bench -- wire judge\` only what is named (\`load\` is all that begins
with \`load-\`), and with \`--write\` what is measured is written to this page, each part as soon as it is there. What is long is measured when it is named
or written; \`--quick\` shows in seconds that the parts of \`load\` work, and its numbers say nothing. Each benchmark stands in \`bench/\`, one file each, and
measures muster beside a baseline or a rival in the same run, in turns. Trust the ratios: absolute numbers are those of one small machine
that others were using too. No test asserts a time.`;

/** Enough to compare by, and nothing that names whose it is. */
function machine(): string {
  const system = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' }[process.platform as string] ?? process.platform;
  return `${availableParallelism()} cores, ${system}, Node ${process.versions.node.split('.')[0]}`;
}

function versions(): string {
  const names = ['@a2a-js/sdk', 'undici', 'hdr-histogram-js', 'tinybench'];
  return `Node ${process.versions.node}, ${names.map((name) => `${name} ${versionOf(name)}`).join(', ')}`;
}
