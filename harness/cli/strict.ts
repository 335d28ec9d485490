/** The schema of an object that may hold these members and no others: a member that is misspelt is told with those that there are. */
import { z } from 'zod';

/** Like `z.strictObject`, but names the members that are allowed. */
export function strict<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `there is no ${issue.keys.map((key) => `"${key}"`).join(' and no ')}; there are ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}
