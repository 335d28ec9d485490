/**
 * What sessions cost over the agents in them: hundreds of sessions beside a bare loop that opens as many agents and looks
 * after nothing, each in a process of its own, since a heap that has grown once never tells the truth again.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { askChild } from './child.ts';
import type { Benchmark } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';
import type { SessionsAnswer, SessionsQuestion } from './sessions-child.ts';

const ROUNDS = 3;
const SESSIONS = 800;
const AGENTS = 5;
const SIDES = { sessions: `${SESSIONS} sessions of ${AGENTS} agents`, bare: 'the same agents in a bare loop' } as const;

type Side = keyof typeof SIDES;

export const sessions: Benchmark = {
  name: 'sessions',
  title: 'What does a session cost over its agents?',
  method:
    `\`openSessions\` opens ${SESSIONS} sessions of ${AGENTS} agents of the fixture echo on leased ports, all in one process, beside a ` +
    'loop in another process that starts the same agents on port 0, one after the other. When all are up, every card is ' +
    'read over HTTP on both sides. Heap is heap and external memory after a forced collection, less what was ' +
    'held before the first; RSS is the whole process then. Then everything is closed, and ' +
    'all ports of the range are leased once more.',
  measure: async (folder) => {
    const answers: Record<Side, SessionsAnswer[]> = { sessions: [], bare: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const side of ['sessions', 'bare'] as const) {
        const own = join(folder, `${side}-${round}`);
        mkdirSync(own);
        const question: SessionsQuestion = { side, sessions: SESSIONS, agents: AGENTS, folder: own };
        answers[side].push(await askChild<SessionsAnswer>('sessions-child.ts', question, ['--expose-gc']));
      }
    }
    const of = (side: Side, member: keyof SessionsAnswer): number =>
      median(answers[side].map((answer) => answer[member]));
    const ratio = (member: keyof SessionsAnswer): string => showRatio(of('sessions', member), of('bare', member));
    const row = (side: Side): string[] => [
      SIDES[side],
      show(of(side, 'up_ms') / 1000),
      showSpread(answers[side].map(({ up_ms }) => up_ms / 1000)),
      show(of(side, 'up_cpu_s')),
      show(of(side, 'heap_mb')),
      show(of(side, 'rss_mb')),
      show(of(side, 'down_ms')),
      String(answers[side].length),
    ];
    const kb = (side: Side): string => ((of(side, 'heap_mb') * 1024) / SESSIONS / AGENTS).toFixed(1);
    const cards = Math.min(...Object.values(answers).flatMap((side) => side.map((answer) => answer.cards)));
    const leasable = Math.min(...answers.sessions.map((answer) => answer.leasable));
    return {
      tables: [
        {
          caption: `${SESSIONS * AGENTS} agents that listen, ${ROUNDS} interleaved rounds, medians`,
          columns: ['process', 'up, s', 'rounds from–to', 'up, CPU s', 'heap, MB', 'RSS, MB', 'down, ms', 'rounds'],
          rows: [row('sessions'), row('bare')],
        },
      ],
      findings: [
        `Sessions take ${ratio('up_ms')} the time, ${ratio('up_cpu_s')} the CPU, ${ratio('heap_mb')} the heap and ${ratio('rss_mb')} the RSS of the bare loop.`,
        `An idle session costs ${kb('sessions')} KB of heap per agent, of which ${kb('bare')} KB are the agent itself.`,
        `At least ${cards} of ${SESSIONS * AGENTS} cards answered on both sides.`,
        `When all was closed, at least ${leasable} of ${SESSIONS} blocks could be leased at once.`,
      ],
    };
  },
};
