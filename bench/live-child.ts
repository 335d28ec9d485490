/** One run against an agent in another process, with all checks or with none. Tells what its users asked for and what that cost. */
import { findFixture } from '../fixtures/table.ts';
import { checks } from '../harness/checks/table.ts';
import { isProtocolOp } from '../harness/model/op.ts';
import type { Plan, ScenarioPlan } from '../harness/model/plan.ts';
import { runPlan } from '../harness/run/run-plan.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import { getTask, openStream, readToEnd, sendMessage } from '../harness/script/vocabulary.ts';
import { generatedPlan } from './generated-history.ts';

export interface LiveQuestion {
  readonly url: string;
  readonly folder: string;
  readonly checks: 'all' | 'none';
  readonly users: number;
  readonly rounds: number;
}

export interface LiveAnswer {
  /** From the first arrival until the last user has left. */
  readonly ops: number;
  readonly cpu_s: number;
  readonly seconds: number;
  readonly events: number;
  readonly findings: number;
}

const question = JSON.parse(process.argv[2] ?? '') as LiveQuestion;

const live = defineScenario({
  name: 'live',
  title: 'Users send, stream and read without a pause',
  family: 'concurrent users',
  needs: ['short', 'slow'],
  users: question.users,
  load: { shape: 'closed' },
  mustExercise: [],
  *script({ agent, say }) {
    for (let round = 0; round < question.rounds; round += 1) {
      const answer = yield* sendMessage(agent, say.short());
      yield* getTask(agent, answer.task?.id);
      yield* readToEnd(yield* openStream(agent, say.slow({ chunks: 4, gap_ms: 0 })));
    }
  },
});

const [generated] = generatedPlan.scenarios;
const scenario = { ...generated, name: live.name, title: live.title, users: live.users } as ScenarioPlan;
const plan: Plan = {
  ...generatedPlan,
  target: { kind: 'url', url: question.url },
  scenario_names: [live.name],
  scenarios: [{ ...scenario, must_exercise: [] }],
};
const peer = findFixture('echo');
if (peer === undefined) throw new Error('Failed to find the fixture echo: there is none of that name.');

let ops = 0;
let events = 0;
let began = { cpu: process.cpuUsage(), time_ms: performance.now() };
let spent = { cpu_s: 0, seconds: 0 };
const { verdict, error } = await runPlan({
  plan,
  scenarios: new Map([[live.name, live]]),
  target: { kind: 'url', url: question.url },
  peer,
  checks: question.checks === 'all' ? checks : [],
  headersOf: (index) => ({ authorization: `Bearer muster-user-${index + 1}` }),
  folder: question.folder,
  signal: new AbortController().signal,
  onEvent: (event) => {
    if (event.type === 'user' && event.phase === 'arrived' && ops === 0)
      began = { cpu: process.cpuUsage(), time_ms: performance.now() };
    if (event.type === 'scenario' && event.phase === 'settling') {
      const { user, system } = process.cpuUsage(began.cpu);
      spent = { cpu_s: (user + system) / 1e6, seconds: (performance.now() - began.time_ms) / 1000 };
    }
    if (spent.seconds > 0) return;
    events += 1;
    if (event.type === 'invoke' && isProtocolOp(event.op)) ops += 1;
  },
});
if (error !== undefined) throw error;
const findings = verdict.scenarios.flatMap((one) => one.findings).length;
const answer: LiveAnswer = { ops, events, findings, ...spent };
process.stdout.write(`${JSON.stringify(answer)}\n`);
