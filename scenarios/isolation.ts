/**
 * The same users under each isolation strategy, so that what differs is the strategy: everybody opens a session, everybody talks at
 * once while all sessions are open, thinks for a while, talks again, and goes. Nothing is drawn at random.
 */
import type { Act, Scenario } from '../harness/model/scenario.ts';
import type { IsolationName } from '../harness/model/session.ts';
import type { Say } from '../harness/model/speech.ts';
import { defineScenario } from '../harness/script/define-scenario.ts';
import {
  barrier,
  closeSession,
  getTask,
  listTasks,
  openSession,
  pause,
  sendMessage,
} from '../harness/script/vocabulary.ts';

const USERS = 8;
const AGENTS = 2;
/** Longer than an agent on demand goes on running without being asked anything. */
const THINKING_MS = 600;

interface Strategy {
  readonly isolation: IsolationName;
  readonly title: string;
  /** What there is for all users together. */
  readonly blocks: number;
  /** So many sessions can be open at once. Only they wait for one another: the others are refused, or wait their turn. */
  readonly at_once: number;
}

const strategies: readonly Strategy[] = [
  {
    isolation: 'fixed',
    title: 'With fixed ports one user has a session, and the others are refused clearly',
    blocks: 1,
    at_once: 1,
  },
  {
    isolation: 'hashed',
    title: 'With ports by hash users meet on the same agents, which must keep them apart',
    blocks: 4,
    at_once: USERS,
  },
  {
    isolation: 'dynamic',
    title: 'With a block of ports for each session nobody meets anybody',
    blocks: USERS,
    at_once: USERS,
  },
  {
    isolation: 'os',
    title: 'With ports from the operating system nobody meets anybody',
    blocks: USERS,
    at_once: USERS,
  },
  {
    isolation: 'namespace',
    title: 'With namespaces every session has the same ports, and nobody meets anybody',
    blocks: USERS,
    at_once: USERS,
  },
  {
    isolation: 'container',
    title: 'With containers every session has the same ports, and nobody meets anybody',
    blocks: USERS,
    at_once: USERS,
  },
  {
    isolation: 'queue',
    title: 'With a queue everybody gets his turn, in the order in which they came',
    blocks: 1,
    at_once: 1,
  },
  {
    isolation: 'router',
    title: 'With one set of agents for everybody the agents must keep all users apart',
    blocks: 1,
    at_once: USERS,
  },
  {
    isolation: 'on-demand',
    title: 'With agents on demand a request may wait for a cold start, and nobody meets anybody',
    blocks: USERS,
    at_once: USERS,
  },
];

/** Tells each agent something new, and asks it for everything that it was told until now. */
function* talk(agents: readonly string[], say: Say, told: [agent: string, task: string][]): Act<void> {
  for (const agent of agents) {
    const { task } = yield* sendMessage(agent, say.short());
    if (task !== undefined) told.push([agent, task.id]);
    for (const [whom, taskId] of told) if (whom === agent) yield* getTask(agent, taskId);
    yield* listTasks(agent);
  }
}

function isolationScenario({ isolation, title, blocks, at_once }: Strategy): Scenario {
  return defineScenario({
    name: `isolation-${isolation}`,
    title,
    family: 'isolation strategies',
    needs: ['short'],
    isolation,
    onlyNamed: true,
    blocks,
    process: 'own',
    users: USERS,
    load: { shape: 'closed' },
    mustExercise: ['user-isolation', 'answer-is-mine'],
    *script({ user, say }) {
      const { outcome, agents } = yield* openSession(user, AGENTS);
      if (outcome.type !== 'ok') return;
      if (at_once > 1) yield* barrier('all are open', at_once);
      const told: [agent: string, task: string][] = [];
      yield* talk(agents, say, told);
      yield* pause(THINKING_MS);
      yield* talk(agents, say, told);
      if (at_once > 1) yield* barrier('all have talked', at_once);
      yield* closeSession(user);
    },
  });
}

export const isolationScenarios: readonly Scenario[] = strategies.map(isolationScenario);
