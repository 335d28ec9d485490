/** A phrasebook from a JSON file: behaviour → `{ "text": …, "echoes": … }`, as docs/ADDING-AN-AGENT.md tells. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Phrasebook } from '../model/scenario.ts';

export const BEHAVIOURS = ['short', 'slow', 'asks', 'fails', 'remembers', 'recalls', 'delegates'] as const;

export const phrasebookSchema = z.partialRecord(
  z.enum(BEHAVIOURS),
  z.strictObject({ text: z.string().min(1), echoes: z.boolean().optional() }),
);

export async function readPhrasebook(path: string, problems: string[]): Promise<Phrasebook> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    problems.push(`--phrasebook: "${path}" is no fixture's name and no JSON file that can be read: ${reason}`);
    return {};
  }
  const parsed = phrasebookSchema.safeParse(json);
  if (parsed.success) return parsed.data as Phrasebook;
  for (const issue of parsed.error.issues) {
    problems.push(`--phrasebook: ${path}: ${issue.path.map(String).join('.') || '(the whole file)'}: ${issue.message}`);
  }
  return {};
}
