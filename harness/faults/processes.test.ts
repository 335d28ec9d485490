/** Faults on a process and its resources, on a whole agent: what a client meets while each lasts, and that healing ends it. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { Agent as KeptAlive } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isListening } from '../agents/listeners.ts';
import { type ProcessOptions, startProcess } from '../agents/start-process.ts';
import { openWarden } from '../agents/warden.ts';
import type { AgentExit } from '../model/live.ts';
import type { FaultPlan } from '../model/scenario.ts';
import { holdPort } from '../ports/hold-port.ts';
import { applyFault } from './apply.ts';
import { ask, failureOf, noAbort, read, serve } from './testing.ts';

/** Tells its pid; grows, writes or waits when asked to; and ends by itself a moment after SIGTERM, unless told to ignore it. */
const AGENT = `
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [port, ignores] = process.argv.slice(2);
const kept = [];
const card = { name: 'Small', version: '1', capabilities: {}, supportedInterfaces: [
  { url: 'http://127.0.0.1:' + port + '/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }] };
const answers = {
  '/.well-known/agent-card.json': () => JSON.stringify(card),
  '/write': () => { appendFileSync(process.env.STORE, 'line\\n'); return 'written'; },
  '/grow': () => { kept.push(new Array(4_000_000).fill(kept.length)); return 'grown'; },
};
const server = createServer((request, response) => {
  try { response.end((answers[request.url] ?? (() => 'pid ' + process.pid))()); }
  catch (error) { response.writeHead(507).end(error.code); }
});
server.listen(process.env.LISTEN_FDS ? { fd: 3 } : { port: Number(port), host: '127.0.0.1' });
process.on('SIGTERM', () => { if (!ignores) { server.close(); server.closeAllConnections(); } });
`;

const plan = { target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;

/** One for all: it takes longer to start than an agent. */
const warden = await openWarden();
afterAll(() => warden[Symbol.asyncDispose]());

const openBench = async () => {
  await using stack = new AsyncDisposableStack();
  const temp = stack.use(await mkdtempDisposable(join(tmpdir(), 'muster-faults-')));
  const script = join(temp.path, 'agent.mjs');
  writeFileSync(script, AGENT);
  const ports: number[] = [];
  for (let count = 0; count < 2; count += 1) {
    await using server = await serve(() => {});
    ports.push(server.port);
  }
  const [port = 0, otherPort = 0] = ports;
  const exits: AgentExit[] = [];
  const store = join(temp.path, 'store');
  const release = stack.move();
  return {
    port,
    otherPort,
    exits,
    store,
    start: (more: Partial<ProcessOptions> = {}, args = '') =>
      startProcess({
        name: 'agent',
        command: `exec "${process.execPath}" "${script}" {port} ${args}`,
        port,
        env: { STORE: store },
        log_path: join(temp.path, 'agent.log'),
        warden,
        ready_ms_max: 20_000,
        signal: noAbort,
        onExit: (exit) => exits.push(exit),
        ...more,
      }),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
};

const say = async (url: string, path = '/'): Promise<string> =>
  (await read(await ask(new URL(path, url).href, { agent: false }))).text;
const failure = (url: string): Promise<string> => failureOf(url, { agent: false });

test('stop tells the agent to end itself, which is a proof of its own, and healing starts it again', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const before = await say(agent.url);
  const fault = await applyFault({ ...plan, fault: 'stop', deadline_ms: 10_000 }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^the processes \d+ ended \d+ ms after SIGTERM, with code 0$/);
  expect(bench.exits).toMatchObject([{ asked: true, code: 0, signal: null }]);
  expect(await failure(agent.url)).toBe('ECONNREFUSED');
  expect(fault.hits?.()).toBe(1);
  await fault.heal();
  expect(await say(agent.url)).not.toBe(before);
});

test('stop tells that an agent did not end by the deadline, and healing puts another in its place', async () => {
  await using bench = await openBench();
  await using agent = await bench.start({}, 'ignores');
  const before = await say(agent.url);
  const fault = await applyFault({ ...plan, fault: 'stop', deadline_ms: 50 }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^the processes \d+ still run 50 ms after SIGTERM$/);
  expect(fault.hits?.()).toBe(0);
  expect(await say(agent.url)).toBe(before);
  expect(await fault.heal()).toMatch(/^it had not stopped within 50 ms, and was killed; process \d+ was started/);
  expect(await say(agent.url)).not.toBe(before);
});

test('restart on another port is followed before anybody is told, and its old port is nobody else’s', async () => {
  await using bench = await openBench();
  const moved: string[] = [];
  const onMoved = async (): Promise<void> => void moved.push(agent.url);
  await using agent = await bench.start({ otherPort: bench.otherPort, onMoved });
  const old = agent.url;
  const restart = { ...plan, fault: 'restart', deadline_ms: 10_000, port: 'other' } as const;
  await using fault = await applyFault(restart, { agent }, noAbort);
  expect(moved).toEqual([`http://127.0.0.1:${bench.otherPort}/.well-known/agent-card.json`]);
  expect(fault.proof).toMatch(new RegExp(`after SIGTERM, .*; process \\d+ was started on port ${bench.otherPort};`));
  expect(agent.card).toMatchObject({ supportedInterfaces: [{ url: `http://127.0.0.1:${bench.otherPort}/` }] });
  expect(await failure(old)).toBe('ECONNREFUSED');
  expect(agent.owns(new URL(old)) && agent.owns(new URL(agent.url))).toBe(true);
  expect(await agent.probe(10_000)).toEqual({ answers: true });
  expect(await fault.heal()).toBe('it had come up already');
});

test('an agent that was leased one port cannot be moved, and is started where it was', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const restart = { ...plan, fault: 'restart', deadline_ms: 10_000, port: 'other' } as const;
  await expect(applyFault(restart, { agent }, noAbort)).rejects.toThrow(/it was leased no other.*It was healed again/);
  expect(await say(agent.url)).toMatch(/^pid/);
});

test('slow-boot holds the successor before it boots: its port is closed, and healing lets it open it', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const fault = await applyFault({ ...plan, fault: 'slow-boot' }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^SIGKILL ended .*; of its successor the processes \d+ are stopped \(state T\)$/);
  expect(await failure(agent.url)).toBe('ECONNREFUSED');
  expect(await fault.heal()).toMatch(/was started on port \d+; its card answered/);
  expect(await say(agent.url)).toBe(`pid ${agent.pid}`);
});

test('slow-boot of an agent that is handed its socket lets clients wait, and healing answers them', async () => {
  await using bench = await openBench();
  await using agent = await bench.start({ openSocket: holdPort });
  const fault = await applyFault({ ...plan, fault: 'slow-boot' }, { agent }, noAbort);
  const waiting = say(agent.url);
  const stat = readFileSync(`/proc/${agent.pid}/stat`, 'utf8');
  expect(await Promise.race([waiting, stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)])).toBe('T');
  await fault[Symbol.asyncDispose]();
  expect(await waiting).toBe(`pid ${agent.pid}`);
});

test('crash-loop kills the agent each time it has come up, and healing lets it live', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const fault = await applyFault({ ...plan, fault: 'crash-loop', starts: 2 }, { agent }, noAbort);
  expect(fault.proof).toMatch(
    /^it was started 2 times and killed each time: (SIGKILL ended the processes \d+(, )?){3}$/,
  );
  expect(bench.exits).toMatchObject(Array(3).fill({ asked: true, signal: 'SIGKILL' }));
  expect(await failure(agent.url)).toBe('ECONNREFUSED');
  await fault.heal();
  expect(await say(agent.url)).toBe(`pid ${agent.pid}`);
});

test('port-held lets the next start meet EADDRINUSE, its clients nobody, and healing frees the port', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const fault = await applyFault({ ...plan, fault: 'port-held' }, { agent }, noAbort);
  expect(fault.proof).toMatch(/found port \d+ taken: it exited with code 1, and said ".*EADDRINUSE.*"$/);
  expect(bench.exits).toMatchObject([{ signal: 'SIGKILL' }, { asked: true, code: 1 }]);
  expect(await failure(agent.url)).toBe('ECONNRESET');
  await fault.heal();
  expect(await say(agent.url)).toBe(`pid ${agent.pid}`);
});

test('descriptors: connections that are open live on, nobody else comes in, and healing lets them', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  using connected = Object.assign(new KeptAlive({ keepAlive: true }), {
    [Symbol.dispose]() {
      connected.destroy();
    },
  });
  const again = async (): Promise<string> =>
    (await read(await ask(new URL('/', agent.url).href, { agent: connected }))).text;
  const before = await again();
  const limits = (): string => readFileSync(`/proc/${agent.pid}/limits`, 'utf8');
  const untouched = limits();
  const fault = await applyFault({ ...plan, fault: 'descriptors', left: 0 }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^process \d+: Max open files \d+ → \d\d$/);
  expect(limits()).not.toBe(untouched);
  expect(await failure(agent.url)).toBe('ECONNRESET');
  expect(await again()).toBe(before);
  expect(await fault.heal()).toMatch(/^it was at the limit at \d+ looks; process \d+ has Max open files \d+ again$/);
  expect(fault.hits?.()).toBeGreaterThan(0);
  expect(limits()).toBe(untouched);
  expect(await say(agent.url)).toBe(before);
  expect(bench.exits).toEqual([]);
});

test('a limit that an agent never came to has hit nothing', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const fault = await applyFault({ ...plan, fault: 'memory', left_mb: 4_096 }, { agent }, noAbort);
  expect(await fault.heal()).toMatch(/^it never came to the limit; /);
  expect(fault.hits?.()).toBe(0);
  expect(await agent.probe(10_000)).toEqual({ answers: true });
});

test('memory: an agent that needs more dies of it, as asked, and healing starts it again', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const fault = await applyFault({ ...plan, fault: 'memory', left_mb: 1 }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^process \d+: Max address space \S+ → \d+$/);
  const grow = async (): Promise<string> => {
    for (let turn = 0; turn < 100; turn += 1) await say(agent.url, '/grow');
    return 'it grew and grew';
  };
  await expect(grow()).rejects.toThrow(/ECONNRE|hang up/);
  await expect.poll(() => bench.exits).toMatchObject([{ asked: true }]);
  expect(await fault.heal()).toMatch(/it had ended with .*; process \d+ was started on port/);
  expect(await say(agent.url, '/grow')).toBe('grown');
});

test('file-size: what is to be written is refused, and healing lets it be written', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  expect(await say(agent.url, '/write')).toBe('written');
  const fault = await applyFault({ ...plan, fault: 'file-size', bytes_max: 5 }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^process \d+: Max file size unlimited → 5$/);
  expect(await say(agent.url, '/write')).toBe('EFBIG');
  await fault.heal();
  expect(await say(agent.url, '/write')).toBe('written');
  expect(readFileSync(bench.store, 'utf8')).toBe('line\nline\n');
  expect(bench.exits).toEqual([]);
});

test('stutter lets the agent answer between its stops, and healing ends them', async () => {
  await using bench = await openBench();
  await using agent = await bench.start();
  const state = (): string => {
    const stat = readFileSync(`/proc/${agent.pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
  };
  const fault = await applyFault({ ...plan, fault: 'stutter', run_percent: 20, period_ms: 50 }, { agent }, noAbort);
  expect(fault.proof).toMatch(/^the processes \d+ are stopped \(state T\), and are let go on for 10 of every 50 ms$/);
  await expect.poll(() => fault.hits?.()).toBeGreaterThan(2);
  await expect.poll(state, { interval: 3 }).toBe('T');
  expect(await say(agent.url)).toBe(`pid ${agent.pid}`);
  expect(await fault.heal()).toMatch(/run again, after \d+ stops; it ran \d+ % of the time$/);
  expect(state()).not.toBe('T');
});

const INTERRUPTED: readonly FaultPlan[] = [
  { ...plan, fault: 'stop', deadline_ms: 60_000 },
  { ...plan, fault: 'restart', deadline_ms: 60_000 },
  { ...plan, fault: 'slow-boot' },
  { ...plan, fault: 'crash-loop', starts: 50 },
  { ...plan, fault: 'port-held' },
  { ...plan, fault: 'descriptors', left: 0 },
  { ...plan, fault: 'memory', left_mb: 64 },
  { ...plan, fault: 'file-size', bytes_max: 0 },
  { ...plan, fault: 'stutter', run_percent: 1, period_ms: 60_000 },
];

test.each(INTERRUPTED)('an interrupt while $fault bites leaves neither process nor port', async (fault) => {
  await using bench = await openBench();
  const interrupt = new AbortController();
  const { signal } = interrupt;
  {
    await using agent = await bench.start({ signal }, 'deadline_ms' in fault ? 'ignores' : '');
    const applying = applyFault(fault, { agent }, signal);
    setImmediate(() => interrupt.abort(new Error('Ctrl-C')));
    const [ended] = await Promise.allSettled([applying, once(signal, 'abort')]);
    if (ended.status === 'fulfilled') await ended.value[Symbol.asyncDispose]();
    else expect(String(ended.reason)).toContain('Ctrl-C');
  }
  expect(await isListening(bench.port)).toBe(false);
});

/** Where something is left to be healed once it has been applied. */
const LASTING = INTERRUPTED.filter(({ fault }) => !['stop', 'restart', 'crash-loop'].includes(fault));

test.each(LASTING)('an interrupt while $fault lasts heals it before the agent is stopped', async (fault) => {
  await using bench = await openBench();
  const interrupt = new AbortController();
  {
    await using agent = await bench.start({ signal: interrupt.signal });
    const limits = readFileSync(`/proc/${agent.pid}/limits`, 'utf8');
    await using applied = await applyFault(fault, { agent }, interrupt.signal);
    interrupt.abort(new Error('Ctrl-C'));
    await applied.heal();
    const stat = existsSync(`/proc/${agent.pid}/stat`) ? readFileSync(`/proc/${agent.pid}/stat`, 'utf8') : '';
    expect(stat.slice(stat.lastIndexOf(')') + 2).charAt(0)).not.toBe('T');
    if (stat !== '') expect(readFileSync(`/proc/${agent.pid}/limits`, 'utf8')).toBe(limits);
  }
  expect(await isListening(bench.port)).toBe(false);
});
