/** Writes what a run came to, beside its history, and says so. */
import { rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { renderSummary } from '../../reports/summary/summary.ts';
import { reports } from '../../reports/table.ts';
import type { RunRecord, Verdict } from '../model/record.ts';
import { FILES } from '../run/folder.ts';

export async function writeVerdict(folder: string, verdict: Verdict): Promise<void> {
  await writeFile(join(folder, FILES.verdict), `${JSON.stringify(verdict, null, 2)}\n`);
}

export async function writeReports(folder: string, record: RunRecord): Promise<void> {
  for (const { file, render } of reports) {
    const text = render(record);
    if (text === null) await rm(join(folder, file), { force: true });
    else await writeFile(join(folder, file), text);
  }
}

export function printSummary(record: RunRecord, folder: string): void {
  const out = process.stdout;
  const path = relative(process.cwd(), folder) || '.';
  const color = out.isTTY === true && process.env['NO_COLOR'] === undefined;
  out.write(`${renderSummary(record, { width: Math.min(out.columns ?? 100, 120), color, path })}\n`);
}
