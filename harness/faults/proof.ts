/** How proxy faults say what they did: with counts, and an honest sentence when there were none. */

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
