/** A phrasebook from a JSON file: behaviour → `{ "text": …, "echoes": … }`, as docs/ADDING-AN-AGENT.md tells. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { BEHAVIOURS, isOwnWord, type Phrasebook } from '../model/phrasebook.ts';
import { reasonOf } from '../model/reason-of.ts';

const PLACEHOLDERS = ['token', 'chunks', 'gap_ms'];

const phrase = z
  .strictObject({
    text: z.string().min(1),
    echoes: z.boolean().optional(),
    fallback: z.string().min(1).optional(),
    crew: z.array(z.string().min(1)).optional(),
  })
  .superRefine(({ text, echoes }, context) => {
    if (!echoes || text.includes('{token}')) return;
    const message = 'echoes promises that {token} comes back, but the text does not hold it';
    context.addIssue({ code: 'custom', message });
  });

/** One of the behaviours that muster knows, or a word of the agent's own. */
export const word = z.union([
  z.enum(BEHAVIOURS),
  z
    .string()
    .refine(
      isOwnWord,
      `must be one of ${BEHAVIOURS.join(', ')}, or a word of the agent's own with a slash in it, as pizza/order`,
    ),
]);

export const phrasebookSchema = z.record(word, phrase).superRefine((phrasebook, context) => {
  for (const [name, { text }] of Object.entries(phrasebook)) {
    if (isOwnWord(name)) continue;
    const unknown = [...text.matchAll(/\{(\w*)\}/g)].filter(([, each]) => !PLACEHOLDERS.includes(each ?? ''));
    for (const [whole] of unknown) {
      const message = `${whole} is no placeholder; there are ${PLACEHOLDERS.map((each) => `{${each}}`).join(', ')}`;
      context.addIssue({ code: 'custom', path: [name], message });
    }
  }
});

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
