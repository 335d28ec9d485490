/** The flags of `muster load --against`, and what they come to. */

import { PAIRS_MIN } from '../../judge/compare/compare-blocks.ts';
import type { TargetPlan } from '../../model/plan.ts';
import { parseDuration } from '../parse-duration.ts';

export const AGAINST_OPTIONS = {
  against: {
    type: 'string',
    describe: 'another agent, loaded in turn with this one and compared: a URL, fixture:NAME, or a command',
  },
  pairs: { type: 'number', describe: 'so many blocks of each of the two in one pass; 12 unless given' },
  block: { type: 'string', describe: 'how long a block is measured; 2s unless given' },
} as const;

export interface AgainstArguments {
  readonly against?: string | undefined;
  readonly pairs?: number | undefined;
  readonly block?: string | undefined;
}

export interface AgainstSettings {
  readonly target: TargetPlan;
  readonly pairs: number;
  readonly block_ms: number;
  /** At the beginning of each block, in which nothing is measured. */
  readonly discard_ms: number;
  /** After each block. */
  readonly pause_ms: number;
}

const PAIRS = 12;
const PAIRS_MAX = 60;
const BLOCK_MS = 2_000;
const BLOCK_MS_MIN = 200;
const DISCARD_MS_MAX = 500;
const PAUSE_MS_MAX = 100;

/** Nothing where nothing is compared. Pushes what is wrong. */
export function againstFrom(args: AgainstArguments, problems: string[]): AgainstSettings | undefined {
  const { against, pairs = PAIRS, block } = args;
  if (against === undefined) {
    for (const [flag, value] of [
      ['--pairs', args.pairs],
      ['--block', block],
    ] as const) {
      if (value !== undefined) problems.push(`${flag}: it is for two agents; name the other one with --against`);
    }
    return undefined;
  }
  if (!(Number.isInteger(pairs) && pairs >= PAIRS_MIN && pairs <= PAIRS_MAX)) {
    problems.push(
      `--pairs: ${pairs} is not a whole number from ${PAIRS_MIN} to ${PAIRS_MAX}; with fewer nothing could be told`,
    );
  }
  const block_ms = block === undefined ? BLOCK_MS : parseDuration(block);
  if (block_ms === undefined || block_ms < BLOCK_MS_MIN) {
    problems.push(`--block: "${block}" is no time of ${BLOCK_MS_MIN}ms at least; give one such as 2s`);
  }
  const target = targetOf(against.trim(), problems);
  const settled_ms = block_ms ?? BLOCK_MS;
  const discard_ms = Math.min(DISCARD_MS_MAX, settled_ms / 4);
  return { target, pairs, block_ms: settled_ms, discard_ms, pause_ms: Math.min(PAUSE_MS_MAX, settled_ms / 4) };
}

function targetOf(text: string, problems: string[]): TargetPlan {
  if (text === '') problems.push('--against: it is empty; give a URL, fixture:NAME, or a command');
  if (/^https?:\/\//.test(text)) return { kind: 'url', url: text };
  const [, fixture] = /^fixture:([a-z0-9-]+)$/.exec(text) ?? [];
  return fixture === undefined ? { kind: 'command', command: text } : { kind: 'fixture', name: fixture };
}

export function tellTarget(target: TargetPlan): string {
  if (target.kind === 'url') return target.url;
  return target.kind === 'fixture' ? `fixture ${target.name}` : `command ${target.command}`;
}
