/** Whatever dies, and however: no process of an agent outlives it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isGone, membersOf, type Session, signalSession } from './process-table.ts';
import { openWarden } from './warden.ts';

const folder = () => mkdtempDisposable(join(tmpdir(), 'muster-warden-'));

const comesTrue = async (condition: () => boolean): Promise<boolean> => {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (condition()) return true;
    await delay(10);
  }
  return false;
};

/** Three processes and the shell; `timeout` makes a process group of its own. */
const COMMAND = 'sleep 1000 & timeout 1000 sleep 1000 & sleep 1000; true';
const allStarted = (session: Session) => () => membersOf(session).length === 5;

const harness = (log_path: string): string => `
import { openWarden } from ${JSON.stringify(new URL('./warden.ts', import.meta.url).href)};
const warden = await openWarden();
const afterwards = 'sleep 0.2; touch ${log_path}.done';
const { session } = await warden.spawn({ command: ${JSON.stringify(COMMAND)}, env: {}, log_path: ${JSON.stringify(log_path)}, afterwards });
console.log(JSON.stringify({ session, warden: warden.pid }));
setInterval(() => {}, 1000);
`;

test.each([
  ['SIGKILL', false],
  ['SIGKILL', true],
  ['SIGTERM', false],
] as const)(
  'a harness that ends by %s leaves no process, and what was to be done then is done (frozen: %s)',
  async (signal, frozen) => {
    await using temp = await folder();
    const script = join(temp.path, 'harness.ts');
    writeFileSync(script, harness(join(temp.path, 'agent.log')));
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const { session, warden } = JSON.parse(line) as { session: Session; warden: number };
    expect(await comesTrue(allStarted(session))).toBe(true);
    if (frozen) signalSession(session, 'SIGSTOP');
    child.kill(signal);
    await once(child, 'exit');
    expect(await comesTrue(() => isGone(session))).toBe(true);
    expect(
      await comesTrue(
        () => !existsSync(`/proc/${warden}/cmdline`) || readFileSync(`/proc/${warden}/cmdline`).length === 0,
      ),
    ).toBe(true);
    expect(existsSync(join(temp.path, 'agent.log.done'))).toBe(true);
  },
);

test('what is to be done after a command is done before its exit is told', async () => {
  await using temp = await folder();
  await using warden = await openWarden();
  const done = join(temp.path, 'done');
  const afterwards = `sleep 0.1; touch ${done}`;
  const log_path = join(temp.path, 'agent.log');
  const { exited } = await warden.spawn({ command: 'exit 3', env: {}, log_path, afterwards });
  expect(await exited).toMatchObject({ code: 3 });
  expect(existsSync(done)).toBe(true);
});

test('the warden ignores what a terminal sends to all', async () => {
  await using temp = await folder();
  await using warden = await openWarden();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(warden.pid, signal);
  const { exited } = await warden.spawn({ command: 'exit 3', env: {}, log_path: join(temp.path, 'agent.log') });
  expect(await exited).toEqual({ code: 3, signal: null, with_warden: false });
});

test('when the warden itself is killed, the harness ends the agents and says that it was not they', async () => {
  await using temp = await folder();
  await using warden = await openWarden();
  const request = { command: COMMAND, env: {}, log_path: join(temp.path, 'agent.log') };
  const { session, exited } = await warden.spawn(request);
  expect(await comesTrue(allStarted(session))).toBe(true);
  process.kill(warden.pid, 'SIGKILL');
  expect(await exited).toEqual({ code: null, signal: 'SIGKILL', with_warden: true });
  expect(await comesTrue(() => isGone(session))).toBe(true);
  await expect(warden.spawn(request)).rejects.toThrow(/the warden, which starts it, has ended/);
});

test('closing the warden ends what still runs, also what a shell left behind', async () => {
  await using temp = await folder();
  const warden = await openWarden();
  const log_path = join(temp.path, 'agent.log');
  const left = await warden.spawn({ command: 'sleep 1000 & exit 0', env: {}, log_path });
  await left.exited;
  expect(isGone(left.session)).toBe(false);
  await warden[Symbol.asyncDispose]();
  await warden[Symbol.asyncDispose]();
  expect(isGone(left.session)).toBe(true);
  expect(existsSync(`/proc/${warden.pid}`)).toBe(false);
});

test('a log that cannot be written is an error of the start', async () => {
  await using temp = await folder();
  await using warden = await openWarden();
  const request = { command: 'true', env: {}, log_path: join(temp.path, 'none', 'agent.log') };
  await expect(warden.spawn(request)).rejects.toThrow(/Failed to start the command: ENOENT/);
});
