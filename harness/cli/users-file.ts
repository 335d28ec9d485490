/** The headers of real users. They are read when they are needed and go into no file that muster writes. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const schema = z
  .array(z.strictObject({ id: z.string().min(1), headers: z.record(z.string(), z.string()) }))
  .min(1, 'needs at least one user');

export type UsersFile = z.infer<typeof schema>;

export async function readUsers(path: string, problems: string[]): Promise<UsersFile | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    problems.push(`--users-file: "${path}" cannot be read: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    problems.push(`--users-file: ${path}: ${issue.path.map(String).join('.') || '(the whole file)'}: ${issue.message}`);
  }
  return undefined;
}
