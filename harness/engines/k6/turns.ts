/**
 * The scripts of a load as k6 does them. A script of muster is a generator that k6 cannot run, so those that ship are here once more as
 * plain turns; whoever writes one of his own runs it with the embedded engine.
 */
import type { K6Turn } from './load-file.ts';

/** The phrases of a phrasebook: `{token}` stays for k6 to fill in. */
export interface LoadPhrases {
  readonly short: string;
  readonly slow?: string;
}

type Make = (say: { short: string; slow(chunks: number, gap_ms: number): string }) => readonly K6Turn[];

const MAKES: Readonly<Record<string, Make>> = {
  ask: ({ short }) => [{ operation: 'SendMessage', text: short }],
  chat: ({ short }) => {
    const turn = { operation: 'SendMessage', text: short, think_ms: { from: 50, to: 250 } } as const;
    return [turn, { ...turn, follows: 'context' }, { ...turn, follows: 'context' }];
  },
  stream: ({ slow }) => [{ operation: 'SendStreamingMessage', text: slow(7, 20) }],
  poll: ({ slow }) => [
    { operation: 'SendMessage', text: slow(5, 20), returnImmediately: true, think_ms: { from: 50, to: 150 } },
    { operation: 'GetTask', looks_max: 100, think_ms: { from: 50, to: 150 } },
  ],
  resume: ({ slow }) => [
    { operation: 'SendStreamingMessage', text: slow(10, 40), leave_after: 2, think_ms: { from: 0, to: 60 } },
    { operation: 'SubscribeToTask' },
  ],
  cancel: ({ slow }) => [
    { operation: 'SendMessage', text: slow(10, 30), returnImmediately: true, think_ms: { from: 10, to: 150 } },
    { operation: 'CancelTask' },
  ],
};

export const K6_SCRIPTS: readonly string[] = Object.keys(MAKES);

/** Nothing for a script that k6 cannot do. Where the agent has no `slow`, `short` stands in for it. */
export function turnsOf(script: string, { short, slow }: LoadPhrases): readonly K6Turn[] | undefined {
  return MAKES[script]?.({
    short,
    slow: (chunks, gap_ms) =>
      (slow ?? short).replaceAll('{chunks}', String(chunks)).replaceAll('{gap_ms}', String(gap_ms)),
  });
}
