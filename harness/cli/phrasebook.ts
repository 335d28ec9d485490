/** A phrasebook from a JSON file: behaviour → `{ "text": …, "echoes": … }`, as docs/ADDING-AN-AGENT.md tells. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BEHAVIOURS, type Phrasebook } from '../model/phrasebook.ts';
import { reasonOf } from '../model/reason-of.ts';

const PLACEHOLDERS = ['token', 'chunks', 'gap_ms'];

export const phrasebookSchema = z.partialRecord(
  z.enum(BEHAVIOURS),
  z
    .strictObject({
      text: z.string().min(1),
      echoes: z.boolean().optional(),
      fallback: z.string().min(1).optional(),
    })
    .superRefine(({ text, echoes }, context) => {
      const unknown = [...text.matchAll(/\{(\w*)\}/g)].filter(([, name]) => !PLACEHOLDERS.includes(name ?? ''));
      for (const [whole] of unknown) {
        const message = `${whole} is no placeholder; there are ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`;
        context.addIssue({ code: 'custom', message });
      }
      if (echoes && !text.includes('{token}')) {
        context.addIssue({
          code: 'custom',
          message: 'echoes promises that {token} comes back, but the text does not hold it',
        });
      }
    }),
);

export async function readPhrasebook(path: string, problems: string[]): Promise<Phrasebook> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const reason = reasonOf(error);
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
