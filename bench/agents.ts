/** What fixtures cost beside an agent that the SDK makes alone: whoever copies one wants to know what it brings. */
import autocannon from 'autocannon';
import { findFixture } from '../fixtures/table.ts';
import type { AgentUp, AgentUse, Bare } from './agents-child.ts';
import { startChild, type Talker } from './child.ts';
import type { Benchmark } from './model.ts';
import { median, show, showRatio, showSpread } from './numbers.ts';

const BARE: Bare = 'bare SDK';
const AGENTS = [BARE, 'echo', 'guarded', 'production'] as const;
const ROUNDS = 5;
const ROUND_S = 2;
const WARM_UP_S = 3;
const CONNECTIONS = 16;
/** So many that nobody meets his limit. */
const USERS = 100;

interface Side {
  readonly name: string;
  readonly up: AgentUp;
  readonly child: Talker;
  readonly rounds: { readonly per_cpu_s: number; readonly asked: number; readonly wrong: number }[];
}

export const agents: Benchmark = {
  name: 'agents',
  title: 'What does a fixture cost beside a bare agent of the SDK?',
  method:
    `Each agent in a process of its own, asked by autocannon over ${CONNECTIONS} connections: SendMessage over JSON-RPC, by ${USERS} users in turn, answered by a task that is over. ` +
    `${ROUNDS} rounds of ${ROUND_S} s, taking turns, after a warm-up of ${WARM_UP_S} s; CPU is that of the agent alone. *${BARE}* is the SDK's handler and store behind express, without ` +
    'owners, pages, turns or gRPC. *guarded* verifies a token for each request, limits the rate and writes the audit; *production* stores each change ' +
    'in SQLite in memory before it tells it. Boot is from the start of the process until the agent answers, with the modules of all fixtures compiled before.',
  measure: async () => {
    await using stack = new AsyncDisposableStack();
    const sides: Side[] = [];
    for (const name of AGENTS) {
      const child = stack.use(startChild('agents-child.ts', name));
      sides.push({ name, child, up: (await child.line()) as AgentUp, rounds: [] });
    }
    for (const side of sides) await ask(side, WARM_UP_S);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const side of sides) {
        const before = await useOf(side);
        const { asked, wrong } = await ask(side, ROUND_S);
        const after = await useOf(side);
        side.rounds.push({ asked, wrong, per_cpu_s: asked / (after.cpu_s - before.cpu_s) });
      }
    }
    const rows: string[][] = [];
    const rateOf = ({ rounds }: Side): number => median(rounds.map(({ per_cpu_s }) => per_cpu_s));
    const bare = rateOf(sides[0] as Side);
    for (const side of sides) {
      const { rss_bytes } = await useOf(side);
      const sum = (of: 'asked' | 'wrong'): number => side.rounds.reduce((total, each) => total + each[of], 0);
      rows.push([
        side.name,
        show(rateOf(side)),
        showSpread(side.rounds.map(({ per_cpu_s }) => per_cpu_s)),
        showRatio(rateOf(side), bare),
        show(side.up.boot_ms),
        show(rss_bytes / 1_048_576),
        show(sum('asked')),
        show(sum('wrong')),
      ]);
    }
    return {
      tables: [
        {
          caption: `${ROUNDS} rounds, taking turns; MB at the end, with all that was asked in the store`,
          columns: [
            'agent',
            'requests per CPU second',
            'rounds',
            'of the bare one',
            'boot, ms',
            'RSS, MB',
            'requests',
            'not answered',
          ],
          rows,
        },
      ],
      findings: sides
        .slice(1)
        .map(
          (side) =>
            `For a CPU second ${side.name} answers ${showRatio(rateOf(side), bare)} the requests of a bare agent.`,
        ),
    };
  },
};

async function useOf({ child }: Side): Promise<AgentUse> {
  child.tell();
  return (await child.line()) as AgentUse;
}

async function ask({ name, up }: Side, duration: number): Promise<{ readonly asked: number; readonly wrong: number }> {
  const own = findFixture(name)?.headersOf;
  const names = Array.from({ length: USERS }, (_, index) => `muster-user-${index + 1}`);
  const users = await Promise.all(
    names.map(async (user) => ({
      'content-type': 'application/json',
      'a2a-version': '1.0',
      ...(own ? await own(user) : { authorization: `Bearer ${user}` }),
    })),
  );
  let messages = 0;
  const result = await autocannon({
    url: up.url,
    connections: CONNECTIONS,
    duration,
    verifyBody: (body) => String(body).includes('TASK_STATE_COMPLETED'),
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          messages += 1;
          const message = {
            messageId: `${process.pid}-${name}-${duration}-${messages}-${performance.now()}`,
            role: 'ROLE_USER',
            parts: [{ text: 'hello' }],
          };
          return {
            ...request,
            headers: users[messages % USERS] ?? {},
            body: JSON.stringify({ jsonrpc: '2.0', id: messages, method: 'SendMessage', params: { message } }),
          };
        },
      },
    ],
  });
  return { asked: result['2xx'] - result.mismatches, wrong: result.non2xx + result.errors + result.mismatches };
}
