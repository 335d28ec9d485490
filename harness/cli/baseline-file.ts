/**
 * The file of known findings. Every mistake in it is told at once, with its path and what is allowed there: an entry that
 * nobody gave a reason, or that names no check, must not make a gate wider unseen.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { checks } from '../checks/table.ts';
import { BASELINE_SCHEMA, type BaselineEntry, readFingerprint } from '../model/baseline.ts';
import { reasonOf } from '../model/reason-of.ts';
import { strict } from './strict.ts';

const EXAMPLE = 'user-isolation/canary-in-task/GetTask';

const finding = z.string().superRefine((text, context) => {
  const message = problemOf(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

function problemOf(text: string): string | undefined {
  const read = readFingerprint(text);
  if (read === undefined)
    return `"${text}" is no fingerprint: it is check/kind/shape, such as ${EXAMPLE}, as reports and \`muster baseline\` tell it`;
  const accusing = checks.filter(({ judges }) => judges === 'agent').map(({ name }) => name);
  if (accusing.includes(read.check)) return undefined;
  return checks.some(({ name }) => name === read.check)
    ? `the check "${read.check}" judges muster itself, and what it finds accuses no agent: there is nothing to accept`
    : `there is no check "${read.check}"; there are ${accusing.join(', ')}`;
}

export const untilSchema = z.iso.date('must be the last day on which it is accepted, such as 2026-12-31');

const NO_REASON = 'it is empty; say why the finding is accepted, such as the address of an issue';

const schemaOf = (reason: z.ZodString) =>
  strict({
    schema: z.literal(BASELINE_SCHEMA, `must be "${BASELINE_SCHEMA}"; other versions are not read`),
    findings: z.array(strict({ finding, reason, until: untilSchema })).superRefine(tellTwice),
  });

function tellTwice(entries: readonly BaselineEntry[], context: z.RefinementCtx): void {
  for (const [index, entry] of entries.entries()) {
    const first = entries.findIndex((other) => other.finding === entry.finding);
    if (first === index) continue;
    context.addIssue({
      code: 'custom',
      path: [index, 'finding'],
      message: `${entry.finding} is there already, as findings.${first}`,
    });
  }
}

const readable = schemaOf(z.string().trim().min(1, NO_REASON));
/** `muster baseline` may have written it, and nobody has given the reasons yet. */
const unfinished = schemaOf(z.string());

/** Empty when there are problems. */
export async function readBaseline(
  path: string,
  problems: string[],
  { reasons }: { readonly reasons: 'required' | 'may-be-missing' } = { reasons: 'required' },
): Promise<readonly BaselineEntry[]> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    problems.push(`baseline: "${path}" cannot be read: ${reasonOf(error)}. \`muster baseline DIR\` writes one`);
    return [];
  }
  const parsed = (reasons === 'required' ? readable : unfinished).safeParse(json);
  if (parsed.success) return parsed.data.findings;
  for (const issue of parsed.error.issues) {
    problems.push(`baseline: ${path}: ${issue.path.map(String).join('.') || '(the whole file)'}: ${issue.message}`);
  }
  return [];
}

export function baselineText(entries: readonly BaselineEntry[]): string {
  return `${JSON.stringify({ schema: BASELINE_SCHEMA, findings: entries }, null, 2)}\n`;
}
