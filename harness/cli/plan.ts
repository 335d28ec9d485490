/** `muster plan`: writes what would be done, and does nothing. */
import { writeFile } from 'node:fs/promises';
import type { PlanArguments } from './arguments.ts';
import { UsageError } from './exit-codes.ts';
import { planFrom } from './settings.ts';

export async function plan(args: PlanArguments & { readonly out?: string | undefined }): Promise<number> {
  const text = `${JSON.stringify(await planFrom(args), null, 2)}\n`;
  if (args.out === undefined) {
    process.stdout.write(text);
    return 0;
  }
  await writeFile(args.out, text).catch((error: unknown) => {
    throw new UsageError(
      `Failed to write the plan to "${args.out}": ${error instanceof Error ? error.message : error}`,
    );
  });
  return 0;
}
