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

/** A second; whole from a hundred on. `too few` where nothing could be said. */
export function rate(per_s: number | null): string {
  if (per_s === null) return 'too few';
  return per_s >= 100 ? whole(Math.round(per_s)) : String(Number(per_s.toFixed(per_s < 10 ? 2 : 1)));
}

/** So many of so many in percent, never rounded to all or to none where it is neither. */
export function fraction(some: number, all: number): string {
  if (all === 0) return 'none';
  const percent = (some * 100) / all;
  for (const digits of [1, 2, 3]) {
    const told = Number(percent.toFixed(digits));
    if ((told > 0 || some === 0) && (told < 100 || some === all)) return `${told} %`;
  }
  return some * 2 > all ? 'almost 100 %' : 'almost 0 %';
}

/** Of bytes, by the thousand. */
export function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
