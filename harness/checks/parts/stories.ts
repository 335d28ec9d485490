/** How pieces of one sequence fit together. Pure arithmetic on lists of fingerprints. */

/** Whether `part` is the end of `whole`. */
export function endsWith(whole: readonly unknown[], part: readonly unknown[]): boolean {
  return part.length <= whole.length && part.every((item, at) => item === whole[whole.length - part.length + at]);
}

/** One within the other, or the end of one over the beginning of the other; nothing goes on after a story that has ended. */
export function fitsTogether(a: readonly unknown[], b: readonly unknown[], aHasEnd: boolean): boolean {
  const shift_max = aHasEnd ? a.length - b.length : a.length - 1;
  for (let shift = 1 - b.length; shift <= shift_max; shift += 1) {
    if (agreesAt(a, b, shift)) return true;
  }
  return false;
}

/** With `b` laid `shift` places after the beginning of `a`: wherever both have an item, it is the same. */
function agreesAt(a: readonly unknown[], b: readonly unknown[], shift: number): boolean {
  const end = Math.min(a.length, b.length + shift);
  for (let at = Math.max(0, shift); at < end; at += 1) {
    if (a[at] !== b[at - shift]) return false;
  }
  return true;
}
