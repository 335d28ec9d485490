/** What was thrown, as the end of a sentence: anything can be thrown, and not only errors. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
