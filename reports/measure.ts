/** Numbers as all reports write them: with their unit, never more exact than they are, and `too few` instead of a guess. */

/** Milliseconds below one second, seconds below two minutes, minutes above. */
export function duration(ms: number): string {
  if (Math.abs(ms) < 9.95) return `${Number(ms.toFixed(1))} ms`;
  if (Math.abs(ms) < 1000) return `${Math.round(ms)} ms`;
  if (Math.abs(ms) < 120_000) return `${Number((ms / 1000).toFixed(Math.abs(ms) < 10_000 ? 2 : 1))} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** A percentile, which is null where there were too few samples to mean anything. */
export function percentile(ms: number | null): string {
  return ms === null ? 'too few' : duration(ms);
}

/** 18204 as `18,204`; anything that is no whole number as it stands. */
export function whole(value: number): string {
  return String(value).replace(/^-?\d+$/, (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ','));
}

/** `1 finding`, `2 findings`, `0 findings`; irregular plurals are given. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${whole(value)} ${value === 1 ? noun : plural}`;
}

/** `alice`, `alice and bob`, `alice, bob and 3 more`. */
export function listed(names: readonly string[], shown_max: number): string {
  const shown = names.slice(0, shown_max);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${whole(rest)} more`;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}
