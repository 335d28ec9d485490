/** Durations as flags have them: a number and its unit. */
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Nothing for what is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = UNITS_MS[unit];
  return factor === undefined ? undefined : Number(count) * factor;
}
