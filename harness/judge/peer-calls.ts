/**
 * Which requests to a peer were caused by which turn: known by the token of the message that began the turn, which an agent that
 * delegates passes on. Memory: the calls that hold one of the latest 10,000 tokens, four for each.
 */
import type { HistoryEvent } from '../model/history.ts';
import type { PeerCallRecord } from '../model/whereabouts.ts';

export interface PeerCalls {
  add(event: HistoryEvent): void;
  /** Those that the messages among these events caused, in order; at most 12. */
  causedBy(evidence: readonly HistoryEvent[]): readonly PeerCallRecord[];
}

const TOKENS_MAX = 10_000;
const CALLS_MAX = 4;
const TOLD_MAX = 12;

export function startPeerCalls(): PeerCalls {
  const byToken = new Map<string, PeerCallRecord[]>();
  return {
    add(event) {
      if (event.type !== 'peer-call') return;
      const { seq, peer, operation, message } = event;
      for (const token of event.tokens) {
        const calls = byToken.get(token) ?? [];
        if (calls.length < CALLS_MAX)
          calls.push({ seq, peer, operation, token, ...(message === undefined ? {} : { message }) });
        byToken.set(token, calls);
        const [oldest] = byToken.keys();
        if (byToken.size > TOKENS_MAX && oldest !== undefined) byToken.delete(oldest);
      }
    },
    causedBy(evidence) {
      const tokens = evidence.flatMap((event) =>
        event.type === 'invoke' && 'token' in event.op ? [event.op.token.toLowerCase()] : [],
      );
      const calls = [...new Set(tokens)].flatMap((token) => byToken.get(token) ?? []);
      return calls.sort((a, b) => a.seq - b.seq).slice(0, TOLD_MAX);
    },
  };
}
