/** The rules of one proxy as everything that passes through it asks for them: who is hit, and how slowly it may go. */
import { openPacing, type Pacing } from './pace.ts';
import type { Piece } from './piece.ts';
import { type Call, openRuleBook, type RuleBook } from './rules.ts';

export interface Traffic {
  readonly rules: RuleBook;
  /** Nothing where it may go as fast as it comes. */
  pacingOf(call: Call): Pacing | undefined;
  /** A piece of the call's answer was held back, or the whole call. */
  notePaced(call: Call, piece?: Piece): void;
}

export function openTraffic(): Traffic {
  const rules = openRuleBook();
  const pacing = openPacing();
  return {
    rules,
    pacingOf: (call) => pacing(rules.of(call, 'pace'), call),
    notePaced(call, piece) {
      for (const active of rules.of(call, 'pace')) {
        const { end_ms, ...others } = active.rule.pace ?? {};
        const isSeenEnd = piece?.kind === 'lost' || (piece?.kind === 'end' && piece.isSeen);
        const isAboutEnds = end_ms !== undefined && Object.keys(others).length === 0;
        if (isAboutEnds && !isSeenEnd) continue;
        rules.hit(active, call);
        if (piece?.kind === 'bytes') rules.addBytes(active, piece.chunk.length);
      }
    },
  };
}
