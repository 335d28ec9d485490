/** Sessions of small real servers on leased ports, which can be told to start slowly, to fall silent and to refuse to stop. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFixture } from '../agents/start-fixture.ts';
import type { Fixture } from '../model/live.ts';
import type { HealthPolicy, SessionEvent, SessionLimits, Sessions } from '../model/session.ts';
import { DEFAULT_PORTS } from '../plan/defaults.ts';
import { openPortPool } from '../ports/port-pool.ts';
import { openBlocks } from '../run/blocks.ts';
import { standOnBlocks } from '../run/stand-session.ts';
import { openSessions } from './open-sessions.ts';

export interface SessionsBench extends AsyncDisposable {
  readonly sessions: Sessions;
  readonly events: readonly SessionEvent[];
  /** Ports on which an agent answers at this moment. */
  readonly serving: ReadonlySet<number>;
  readonly behave: {
    /** Every start waits for it. */
    start: (port: number) => Promise<void>;
    stop: () => Promise<void>;
    /** So many requests an agent on this port answers in each of its lives, and is silent then. */
    readonly answers: Map<number, number>;
  };
  held(): number;
  /** Lets time pass for whoever asks this bench's clock. */
  pass(ms: number): void;
}

export const LIMITS: SessionLimits = {
  sessions_max: 100,
  sessions_per_user_max: 100,
  sessions_per_address_max: 100,
  starts_per_s_max: 1_000,
  idle_ms_max: 60_000,
};

const CARD = {
  name: 'bench',
  version: '1',
  supportedInterfaces: [{ url: 'http://127.0.0.1/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  capabilities: {},
};

export async function openSessionsBench({
  limits = {},
  health,
  blocks = 20,
}: {
  readonly limits?: Partial<SessionLimits>;
  readonly health?: HealthPolicy;
  readonly blocks?: number;
} = {}): Promise<SessionsBench> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.adopt(mkdtempSync(join(tmpdir(), 'muster-sessions-test-')), (path) =>
    rmSync(path, { recursive: true }),
  );
  const pool = opening.use(await openPortPool({ ...DEFAULT_PORTS, from: 'os', block: 3 }, { folder, blocks }));
  const events: SessionEvent[] = [];
  const serving = new Set<number>();
  const behave: SessionsBench['behave'] = { start: async () => {}, stop: async () => {}, answers: new Map() };
  let passed_ms = 0;
  const fixture: Fixture = {
    name: 'bench',
    title: 'Serves a card, counts, and does as it is told',
    phrasebook: {},
    start: async ({ port, held }) => {
      await behave.start(port);
      let requests = 0;
      let answered = 0;
      const server = createServer((request, response) => {
        if (answered >= (behave.answers.get(port) ?? Number.POSITIVE_INFINITY)) return;
        answered += 1;
        if (!request.url?.includes('agent-card')) requests += 1;
        response.setHeader('content-type', 'application/json').end(JSON.stringify(CARD));
      }).listen(held?.handle ?? { port, host: '127.0.0.1' });
      await once(server, 'listening');
      serving.add(port);
      return {
        url: `http://127.0.0.1:${port}`,
        requests: () => requests,
        [Symbol.asyncDispose]: async () => {
          await close(server);
          serving.delete(port);
          await behave.stop();
        },
      };
    },
  };
  const sessions = openSessions({
    mode: 'real',
    limits: { ...LIMITS, ...limits },
    ...(health === undefined ? {} : { health }),
    clock: () => passed_ms,
    onEvent: (event) => events.push(event),
    standUp: standOnBlocks({
      blocks: openBlocks(pool, () => {}),
      holderOf: ({ id }) => id,
      start: ({ name, port, lease, signal }) => startFixture({ name, fixture, port, held: lease.take(port), signal }),
      stop: (agent) => Promise.resolve(agent[Symbol.asyncDispose]()),
    }),
  });
  const closers = opening.move();
  return {
    sessions,
    events,
    serving,
    behave,
    held: () => pool.count().held,
    pass: (ms) => {
      passed_ms += ms;
    },
    [Symbol.asyncDispose]: async () => {
      // What could not be stopped is for the test to look at.
      await Promise.allSettled([sessions[Symbol.asyncDispose]()]);
      await closers.disposeAsync();
    },
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
