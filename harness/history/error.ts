/** What goes wrong with a history's file, told as a sentence that says which file, why, and what to do. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}
