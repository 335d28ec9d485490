/** Sessions as Prometheus metrics, in a registry of their own: a program that has metrics already keeps them apart. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SessionAgentView, SessionEvent, SessionState, Sessions, SessionView } from '../../model/session.ts';

export interface Metrics {
  /** The content type of what is printed. */
  readonly type: string;
  add(event: SessionEvent): void;
  /** From now on the gauges tell of these. */
  watch(sessions: Pick<Sessions, 'list'>): void;
  print(): Promise<string>;
}

const BOOT_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const STATES: readonly SessionState[] = ['starting', 'ready', 'ending'];
const HEALTHS: readonly SessionAgentView['health'][] = ['starting', 'healthy', 'failing'];

export function openMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  let list: () => readonly SessionView[] = () => [];
  let requestsOfEnded = 0;

  new Gauge({
    name: 'muster_sessions',
    help: 'Sessions that have not ended, by state',
    labelNames: ['state'],
    registers,
    collect() {
      const views = list();
      for (const state of STATES) this.set({ state }, views.filter((view) => view.state === state).length);
    },
  });
  new Gauge({
    name: 'muster_agents',
    help: 'Agents of sessions, by health',
    labelNames: ['health'],
    registers,
    collect() {
      const agents = list().flatMap((view) => view.agents);
      for (const health of HEALTHS) this.set({ health }, agents.filter((agent) => agent.health === health).length);
    },
  });
  new Counter({
    name: 'muster_agent_requests_total',
    help: 'Requests that agents were sent, but for their cards; only of agents whose requests can be counted',
    registers,
    collect() {
      this.reset();
      this.inc(requestsOfEnded + requestsOf(list()));
    },
  });
  const starts = new Counter({ name: 'muster_session_starts_total', help: 'Sessions that stood', registers });
  const boot = new Histogram({
    name: 'muster_session_boot_seconds',
    help: 'From the request for a session until all its agents answered',
    buckets: BOOT_BUCKETS_S,
    registers,
  });
  const refusals = new Counter({
    name: 'muster_session_refusals_total',
    help: 'Sessions that were refused, by the limit that they met',
    labelNames: ['limit'],
    registers,
  });
  const ends = new Counter({
    name: 'muster_session_ends_total',
    help: 'Sessions that ended, by reason',
    labelNames: ['reason'],
    registers,
  });
  const restarts = new Counter({
    name: 'muster_agent_restarts_total',
    help: 'Agents that were started again because they did not answer',
    registers,
  });

  return {
    type: registry.contentType,
    watch: (sessions) => {
      list = sessions.list;
    },
    add: (event) => {
      if (event.phase === 'refused') refusals.inc({ limit: event.limit });
      if (event.phase === 'restarted') restarts.inc();
      if (event.phase === 'opened') {
        starts.inc();
        boot.observe(event.boot_ms / 1000);
      }
      if (event.phase === 'ended') {
        ends.inc({ reason: event.reason });
        requestsOfEnded += requestsOf([event.session]);
      }
    },
    print: () => registry.metrics(),
  };
}

function requestsOf(views: readonly SessionView[]): number {
  return views.flatMap((view) => view.agents).reduce((sum, { requests = 0 }) => sum + requests, 0);
}
