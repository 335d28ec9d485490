/** Where blocks of ports lie in a range. Pure, so that the geometry can be tested without a socket. */
import type { PortsPlan } from '../model/plan.ts';

/** The ports of the block that begins at `first`. */
export const portsOfBlock = (first: number, block: number): number[] =>
  Array.from({ length: block }, (_, index) => first + index);

/** First ports of all blocks that lie within the range, in order. */
export const allStarts = ({ first, last, block, spacing }: PortsPlan): number[] => {
  const room = last - first + 1 - block;
  return room < 0 ? [] : Array.from({ length: Math.floor(room / spacing) + 1 }, (_, index) => first + index * spacing);
};

/** Those whose block holds no excluded port. */
export const blockStarts = (plan: PortsPlan): number[] => {
  const excluded = new Set(plan.exclude);
  return allStarts(plan).filter((first) => !portsOfBlock(first, plan.block).some((port) => excluded.has(port)));
};

/** The same place for the same pid, far apart for neighbouring ones: processes started together begin apart. */
export const firstPlace = (pid: number, places: number): number =>
  places === 0 ? 0 : (Math.imul(pid, 0x9e3779b1) >>> 0) % places;

/** The same plan with these blocks in it and no others. */
export const onlyBlocks = (plan: PortsPlan, firsts: readonly number[]): PortsPlan => {
  const first = Math.min(...firsts);
  const narrow = { ...plan, first, last: Math.max(...firsts) + plan.block - 1 };
  const others = allStarts(narrow).filter((start) => !firsts.includes(start));
  return { ...narrow, exclude: [...plan.exclude, ...others] };
};
