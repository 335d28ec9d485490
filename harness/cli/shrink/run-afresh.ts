/**
 * Carries out a plan in a process of its own, as whoever pastes its line does: a process that has run it a hundred times before is warm,
 * and meets other races.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../../model/record.ts';
import { FILES } from '../../run/folder.ts';

/** Nothing where it was stopped, or came to no verdict. */
export async function runAfresh(plan: string, out: string, signal: AbortSignal): Promise<Verdict | undefined> {
  if (signal.aborted) return undefined;
  const [program = ''] = process.argv.slice(1);
  const child = spawn(process.execPath, [...process.execArgv, program, 'run', '--plan', plan, '--out', out], {
    stdio: 'ignore',
  });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop, { once: true });
  await once(child, 'close');
  signal.removeEventListener('abort', stop);
  if (signal.aborted) return undefined;
  const text = await readFile(join(out, FILES.verdict), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
