/** Faults on a process, against a real one: what a client sees while it lasts, and that the agent is back afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { ProcessAgent } from '../model/live.ts';
import { applyFault } from './apply.ts';
import { ask, failureOf, noAbort, read } from './testing.ts';

const kill = { fault: 'kill', target: 'agent', begins: { at_ms: 0 }, for_ms: 100 } as const;
const freeze = { ...kill, fault: 'freeze' } as const;

const AGENT = `
  require('node:http').createServer((incoming, outgoing) => outgoing.end('pid ' + process.pid))
    .listen(Number(process.argv[1]), '127.0.0.1', function () { console.log(this.address().port); });
`;

interface TestAgent extends ProcessAgent {
  /** How often it was asked to thaw or to restart. */
  readonly heals: () => number;
  readonly state: () => Promise<string>;
}

const notAsked = (): Promise<never> =>
  Promise.reject(new Error('this is asked of a whole agent, in processes.test.ts'));

async function startAgent(): Promise<TestAgent> {
  let heals = 0;
  const boot = async (on: number): Promise<{ child: ChildProcess; port: number }> => {
    const child = spawn(process.execPath, ['-e', AGENT, String(on)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(child.stdout ?? child, 'data');
    return { child, port: Number(String(line)) };
  };
  let { child, port } = await boot(0);
  const state = async (): Promise<string> => {
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => ') gone');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ', 1)[0] ?? '';
  };
  const signalled = async (signal: NodeJS.Signals, wanted: (state: string) => boolean): Promise<string> => {
    child.kill(signal);
    await expect.poll(async () => wanted(await state())).toBe(true);
    return `process ${child.pid} got ${signal} and is in state ${await state()}`;
  };
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    name: 'agent',
    how: 'process',
    owns: () => true,
    url: `http://127.0.0.1:${port}`,
    card: {},
    summary: { name: 'test', version: '1', streaming: false, pushNotifications: false, transports: [] },
    boot_ms: 0,
    probe: async () => ({ answers: true }),
    measure: async () => undefined,
    descriptors: () => undefined,
    stop: notAsked,
    restartHeld: notAsked,
    restartInVain: notAsked,
    limit: notAsked,
    heals: () => heals,
    state,
    kill: async () => {
      const pid = child.pid;
      await end();
      return `process ${pid} is dead (SIGKILL)`;
    },
    freeze: () => signalled('SIGSTOP', (now) => now === 'T'),
    thaw: () => {
      heals += 1;
      return signalled('SIGCONT', (now) => now !== 'T');
    },
    restart: async () => {
      heals += 1;
      await end();
      ({ child, port } = await boot(port));
      return `process ${child.pid} answers on port ${port} again`;
    },
    [Symbol.asyncDispose]: end,
  };
}

test('kill ends the process at once, and healing starts another on the same port', async () => {
  await using agent = await startAgent();
  const before = (await read(await ask(agent.url, { agent: false }))).text;
  const fault = await applyFault(kill, { agent }, noAbort);
  expect(fault.proof).toBe(`process ${before.slice(4)} is dead (SIGKILL)`);
  expect(await failureOf(agent.url, { agent: false })).toBe('ECONNREFUSED');

  expect(await fault.heal()).toMatch(/^process \d+ answers on port \d+ again$/);
  const after = (await read(await ask(agent.url, { agent: false }))).text;
  expect(after).toMatch(/^pid \d+$/);
  expect(after).not.toBe(before);
  await fault.heal();
  await fault[Symbol.asyncDispose]();
  expect(agent.heals()).toBe(1);
});

test('freeze stops the process with its requests unanswered, and healing answers them', async () => {
  await using agent = await startAgent();
  const fault = await applyFault(freeze, { agent }, noAbort);
  expect(fault.proof).toMatch(/^process \d+ got SIGSTOP and is in state T$/);
  const waiting = ask(agent.url, { agent: false });
  const first = await Promise.race([waiting.then(() => 'answered'), agent.state()]);
  expect(first).toBe('T');
  await fault[Symbol.asyncDispose]();
  expect((await read(await waiting)).text).toMatch(/^pid \d+$/);
  expect(await fault.heal()).toMatch(/SIGCONT/);
  expect(agent.heals()).toBe(1);
});

test('an interrupt while a fault lasts heals it on the way out', async () => {
  await using agent = await startAgent();
  const interrupt = new AbortController();
  const frozen = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    await using _fault = await applyFault(freeze, { agent }, interrupt.signal);
    frozen.resolve();
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    interrupt.signal.addEventListener('abort', () => reject(interrupt.signal.reason));
    await interrupted;
  };
  const running = run();
  await frozen.promise;
  expect(await agent.state()).toBe('T');
  interrupt.abort(new Error('Ctrl-C'));
  await expect(running).rejects.toThrow('Ctrl-C');
  expect(await agent.state()).not.toBe('T');
});

test('an interrupt before a fault has bitten heals what may still come of it', async () => {
  await using agent = await startAgent();
  const interrupt = new AbortController();
  const never = new Promise<string>(() => undefined);
  const slow: ProcessAgent = {
    ...agent,
    freeze: async () => {
      await agent.freeze();
      interrupt.abort(new Error('Ctrl-C'));
      return await never;
    },
  };
  await expect(applyFault(freeze, { agent: slow }, interrupt.signal)).rejects.toThrow('Ctrl-C');
  expect(await agent.state()).not.toBe('T');
  await expect(applyFault(kill, { agent }, interrupt.signal)).rejects.toThrow('Ctrl-C');
  expect(await failureOf(agent.url, { agent: false })).toBe('answered');
});

test('a bite that fails is healed, and both failures are told', async () => {
  await using agent = await startAgent();
  const stubborn: ProcessAgent = {
    ...agent,
    freeze: async () => {
      await agent.freeze();
      throw new Error('it would not stop');
    },
  };
  await expect(applyFault(freeze, { agent: stubborn }, noAbort)).rejects.toThrow(
    'Failed to freeze "agent": it would not stop. It was healed again.',
  );
  expect(await agent.state()).not.toBe('T');

  const lost: ProcessAgent = { ...stubborn, thaw: () => Promise.reject(new Error('no such process')) };
  await expect(applyFault(freeze, { agent: lost }, noAbort)).rejects.toThrow(
    'it would not stop; and healing failed too: no such process.',
  );
});

test('a heal that failed is told once: disposing afterwards is quiet', async () => {
  await using agent = await startAgent();
  const dead: ProcessAgent = { ...agent, restart: () => Promise.reject(new Error('the port is taken')) };
  const fault = await applyFault(kill, { agent: dead }, noAbort);
  await expect(fault.heal()).rejects.toThrow('the port is taken');
  await fault[Symbol.asyncDispose]();
  const unhealed = await applyFault(kill, { agent: dead }, noAbort);
  await expect(unhealed[Symbol.asyncDispose]()).rejects.toThrow('the port is taken');
});

test('a fault without what it needs says what is missing', async () => {
  await expect(applyFault(kill, {}, noAbort)).rejects.toThrow(
    'Failed to apply "kill" to the agent: it needs a process that muster started, and there is none.',
  );
  await expect(applyFault({ ...kill, fault: 'down', target: 'peer' }, {}, noAbort)).rejects.toThrow(
    'Failed to apply "down" to the peer: it needs a proxy in front of it, and there is none.',
  );
});
