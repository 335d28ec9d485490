/**
 * The agent `production` as it would be deployed: replicas in processes of their own, a real PostgreSQL, a real Redis, a balancer, and
 * each of them broken in turn. What its users were told of has to be there in the end, once.
 */
import { once } from 'node:events';
import { TaskState } from '@a2a-js/sdk';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { answerOf, caller, collect, foldTask } from '../../fixtures/agents/caller.ts';
import { openBalancer } from './balancer.ts';
import { openCrowd, type Receipt } from './customers.ts';
import { type Postgres, startPostgres, startRedis, whyNoDatabases } from './database-servers.ts';
import { type Env, type Replica, run, startReplica } from './replica.ts';

const missing = whyNoDatabases();
let server: Promise<Postgres> | undefined;
afterAll(async () => (await server)?.[Symbol.asyncDispose]());

const postgres = (): Promise<Postgres> => {
  server ??= startPostgres();
  return server;
};

async function ask(url: string, text: string, values: readonly unknown[] = []): Promise<readonly pg.QueryResultRow[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text, [...values]);
  await client.end();
  return rows;
}

/** Tries again for some seconds, and gives what it last said. */
async function eventually<T>(look: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const answer = await look();
    if (good(answer) || tries === 400) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Two replicas behind a balancer, whose address is on their cards. */
async function openShop(env: Env) {
  await using opening = new AsyncDisposableStack();
  const told: Record<string, string> = { ...env };
  const replicas = [];
  const port = await (await import('get-port')).default();
  told['PUBLIC_URL'] = `http://127.0.0.1:${port}`;
  for (const start of [startReplica(told), startReplica(told)]) replicas.push(opening.use(await start));
  const balancer = opening.use(
    await openBalancer(
      replicas.map(({ url }) => url),
      port,
    ),
  );
  const [first, second] = replicas as [Replica, Replica];
  const open = opening.move();
  return {
    url: balancer.url,
    shares: balancer.shares,
    first,
    second,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** What has become of what users were told of: their answers, to the letter, and how often the audit has each of them begun and ended. */
async function expectOnce(url: string, database: string, receipts: readonly Receipt[]): Promise<void> {
  const users = new Map<string, Awaited<ReturnType<typeof caller>>>();
  for (const { user, taskId, answer } of receipts) {
    const known = users.get(user) ?? (await caller(url, 'JSONRPC', user));
    users.set(user, known);
    const task = await eventually(
      () => known.get(taskId),
      ({ status }) => status?.state !== TaskState.TASK_STATE_WORKING,
    );
    expect([task.status?.state, answerOf(task)]).toEqual([TaskState.TASK_STATE_COMPLETED, answer]);
  }
  const acts = await ask(database, 'SELECT task_id, act, COUNT(*)::int AS times FROM audit GROUP BY task_id, act');
  expect(acts.filter(({ times }) => times !== 1)).toEqual([]);
  const tokens = await ask(database, 'SELECT COUNT(*)::int AS tasks FROM tasks WHERE state = $1', [
    TaskState.TASK_STATE_COMPLETED,
  ]);
  expect(tokens).toEqual([{ tasks: receipts.length }]);
}

test('after 20 kill -9 under load every task that a user was told of is there, and none was done twice', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  await using redis = await startRedis();
  const DATABASE_URL = await (await postgres()).database();
  await using shop = await openShop({ DATABASE_URL, REDIS_URL: redis.url, LEASE_MS: '500' });
  const crowd = await openCrowd(shop.url, { users: 6, tries_max: 200, retry_ms: 50 });
  for (let kills = 0; kills < 20; kills += 1) {
    const victim = kills % 2 === 0 ? shop.first : shop.second;
    await victim.kill();
    await victim.start();
  }
  await crowd.leave();
  expect(crowd.failures).toEqual([]);
  expect(crowd.receipts.length).toBeGreaterThan(100);
  await expectOnce(shop.url, DATABASE_URL, crowd.receipts);
  const printed = shop.first.printed() + shop.second.printed();
  expect(printed).toContain('took over a task');
  expect(printed).not.toContain('secret-of-user');
});

test('two replicas are restarted one after the other under load, and no request fails', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const DATABASE_URL = await (await postgres()).database();
  await using shop = await openShop({ DATABASE_URL, LEAVE_MS: '250' });
  const crowd = await openCrowd(shop.url, { users: 6, tries_max: 1, retry_ms: 0 });
  for (const replica of [shop.first, shop.second, shop.first, shop.second]) {
    expect(await replica.stop()).toBe(0);
    await replica.start();
  }
  await crowd.leave();
  expect(crowd.failures).toEqual([]);
  expect(Math.min(...shop.shares())).toBeGreaterThan(10);
  await expectOnce(shop.url, DATABASE_URL, crowd.receipts);
});

test('what happens at one replica is told, continued and cancelled at the other', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const DATABASE_URL = await (await postgres()).database();
  await using one = await startReplica({ DATABASE_URL });
  await using other = await startReplica({ DATABASE_URL });
  const [here, there] = [await caller(one.url, 'JSONRPC', 'ann'), await caller(other.url, 'HTTP+JSON', 'ann')];
  const begin = async (text: string) => {
    const stream = here.stream(text);
    const first = (await stream.next()).value;
    return { id: foldTask(first ? [first] : [])?.id ?? '', rest: collect(stream), first };
  };

  const told = await begin('slow 8 25 token');
  const late = collect(there.subscribe(told.id));
  const [seenHere, seenThere] = [
    foldTask([...(told.first ? [told.first] : []), ...(await told.rest)]),
    foldTask(await late),
  ];
  expect(answerOf(seenHere)).toBe(Array.from({ length: 8 }, (_, index) => `${index + 1}/8 token\n`).join(''));
  expect(answerOf(seenThere)).toBe(answerOf(seenHere));

  const long = await begin('slow 100 50 token');
  expect((await there.cancel(long.id)).status?.state).toBe(TaskState.TASK_STATE_CANCELED);
  expect(foldTask([...(long.first ? [long.first] : []), ...(await long.rest)])?.status?.state).toBe(
    TaskState.TASK_STATE_CANCELED,
  );

  for (let round = 0; round < 10; round += 1) {
    const asked = await here.send(`ask ${round}`);
    const answers = await Promise.allSettled([
      here.send('olives', { taskId: asked.id }),
      there.send('capers', { taskId: asked.id }),
    ]);
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answerOf(answer.value)] : []));
    expect(taken.length).toBe(1);
    expect(answerOf(await there.get(asked.id))).toBe(taken[0]);
  }
});

test('a Redis that is killed or frozen costs no request, is told, and is used again when it is back', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  await using redis = await startRedis();
  const DATABASE_URL = await (await postgres()).database();
  await using agent = await startReplica({ DATABASE_URL, REDIS_URL: redis.url });
  const isUp = async (): Promise<string | undefined> =>
    /^production_redis_up (\d)$/m.exec((await agent.ask('/metrics')).text)?.[1];
  const user = await caller(agent.url, 'JSONRPC', 'ann');
  const works = async () => expect(answerOf(await user.send('token'))).toBe('token');
  const becomes = (value: string) =>
    eventually(
      async () => {
        await works();
        return isUp();
      },
      (now) => now === value,
    );
  expect(await becomes('1')).toBe('1');
  await redis.kill();
  expect(await becomes('0')).toBe('0');
  await redis.start();
  expect(await becomes('1')).toBe('1');
  redis.freeze();
  expect(await becomes('0')).toBe('0');
  redis.thaw();
  expect(await becomes('1')).toBe('1');
  expect(agent.printed()).toContain('Redis is away');
});

test('replicas count a user together in Redis, and one who asks too often takes nothing from another', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  await using redis = await startRedis();
  const DATABASE_URL = await (await postgres()).database();
  const env = { DATABASE_URL, REDIS_URL: redis.url, RATE_LIMIT: '10' };
  await using one = await startReplica(env);
  await using other = await startReplica(env);
  const get = (url: string, user: string) =>
    fetch(`${url}/a2a/rest/tasks`, { headers: { authorization: `Bearer ${user}`, 'a2a-version': '1.0' } });
  const statuses: number[] = [];
  for (let count = 0; count < 12; count += 1) statuses.push((await get(count % 2 ? one.url : other.url, 'ann')).status);
  expect(statuses).toEqual([...Array(10).fill(200), 429, 429]);
  const refused = await get(one.url, 'ann');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
  expect((await get(one.url, 'bob')).status).toBe(200);
});

test('while PostgreSQL is away it is alive and not ready, and what was at work and what is asked meanwhile is done afterwards', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const database = await postgres();
  const DATABASE_URL = await database.database();
  await using agent = await startReplica({ DATABASE_URL, DATABASE_WAIT_MS: '20000' });
  const user = await caller(agent.url, 'JSONRPC', 'ann');
  const stream = user.stream('slow 40 25 token');
  const first = (await stream.next()).value;
  const rest = collect(stream);
  await database.kill();
  const status = (path: string) => async () => (await agent.ask(path)).status;
  expect(await eventually(status('/health/ready'), (now) => now === 503)).toBe(503);
  expect(await status('/health/live')()).toBe(200);
  const asked = user.send('meanwhile');
  await database.start();
  expect(await eventually(status('/health/ready'), (now) => now === 200)).toBe(200);
  expect(answerOf(await asked)).toBe('meanwhile');
  const told = foldTask([...(first ? [first] : []), ...(await rest)]);
  expect(told?.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
  expect(answerOf(told)).toBe(Array.from({ length: 40 }, (_, index) => `${index + 1}/40 token\n`).join(''));
});

test('while PostgreSQL is frozen whoever asks is told so in time, and once it is thawed nothing is left half done', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const database = await postgres();
  const DATABASE_URL = await database.database();
  await using agent = await startReplica({ DATABASE_URL, DATABASE_WAIT_MS: '500' });
  const user = await caller(agent.url, 'JSONRPC', 'ann');
  const { id } = await user.send('before');
  const stream = user.stream('slow 40 25 token');
  const first = (await stream.next()).value;
  const rest = collect(stream).catch((error: Error) => error.message);
  const atWork = Promise.allSettled(Array.from({ length: 20 }, (_, index) => user.send(`at work ${index}`)));
  const status = (path: string) => async () => (await agent.ask(path)).status;
  database.freeze();
  try {
    expect(await eventually(status('/health/ready'), (now) => now === 503)).toBe(503);
    expect(await status('/health/live')()).toBe(200);
    for (const asked of [user.send('meanwhile'), user.get(id)]) await expect(asked).rejects.toThrow(/try again later/);
    await atWork;
  } finally {
    database.thaw();
  }
  expect(await eventually(status('/health/ready'), (now) => now === 200)).toBe(200);
  expect(answerOf(await user.send('afterwards'))).toBe('afterwards');
  await rest;
  const open = () => ask(DATABASE_URL, 'SELECT id FROM tasks WHERE state <> $1', [TaskState.TASK_STATE_COMPLETED]);
  expect(await eventually(open, (rows) => rows.length === 0)).toEqual([]);
  const told = await user.get(foldTask(first ? [first] : [])?.id ?? '');
  expect(answerOf(told)).toBe(Array.from({ length: 40 }, (_, index) => `${index + 1}/40 token\n`).join(''));
  const acts = await ask(DATABASE_URL, 'SELECT task_id, act FROM audit GROUP BY task_id, act HAVING COUNT(*) > 1');
  expect(acts).toEqual([]);
});

async function failing(env: Env): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = run({ PORT: '0', ...env });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, said };
}

test('settings that cannot be used are all told at once, without their values, and a database that cannot be used in one sentence', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const settings = await failing({ PORT: '70000', DATABASE_URL: 'mysql://me:pass-word@there/', RATE_LIMIT: 'many' });
  expect(settings.code).toBe(4);
  expect(settings.said).toMatch(/3 of the settings.*\n {2}PORT: .*\n {2}DATABASE_URL: .*postgres.*\n {2}RATE_LIMIT: /);
  expect(settings.said).not.toContain('pass-word');
  const refuses = await failing({ DATABASE_URL: 'postgres://me:pass-word@127.0.0.1:9/db', DATABASE_WAIT_MS: '50' });
  expect(refuses).toEqual({
    code: 1,
    said: expect.stringMatching(/^Failed to start: .* did not answer within 50 ms.*\n$/),
  });
  expect(refuses.said).not.toContain('pass-word');
  const url = await (await postgres()).database();
  const absent = await failing({ DATABASE_URL: url.replace(/\w+$/, 'nowhere') });
  expect(absent).toEqual({ code: 1, said: 'Failed to start: database "nowhere" does not exist\n' });
});

test('an older schema becomes the present one with its tasks, and a newer one is refused', async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const DATABASE_URL = await (await postgres()).database();
  const id = await (async () => {
    await using agent = await startReplica({ DATABASE_URL });
    return (await (await caller(agent.url, 'JSONRPC', 'ann')).send('token')).id;
  })();
  await ask(DATABASE_URL, 'ALTER TABLE tasks DROP COLUMN takeovers');
  await ask(DATABASE_URL, 'UPDATE schema_version SET version = 1');
  {
    await using agent = await startReplica({ DATABASE_URL });
    expect(answerOf(await (await caller(agent.url, 'JSONRPC', 'ann')).get(id))).toBe('token');
  }
  await ask(DATABASE_URL, 'UPDATE schema_version SET version = 99');
  expect(await failing({ DATABASE_URL })).toEqual({
    code: 1,
    said: expect.stringMatching(/^Failed to start: The database has schema 99, and this agent knows 2 .*\n$/),
  });
});
