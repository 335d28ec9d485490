/** `muster up --json` as a program reads it: one document per line, and the control API that it names. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { SessionView } from '../harness/model/session.ts';
import { type Bench, type Ended, ending } from './muster.ts';

export interface Told {
  readonly type: string;
  readonly session?: SessionView;
  readonly reason?: string;
  readonly sessions?: number;
  readonly control?: { readonly url: string; readonly token?: string };
}

/** Disposing kills what is left of it, whatever the test found. */
export interface Up extends Disposable {
  readonly child: ChildProcess;
  readonly told: readonly Told[];
  /** Waits for a document of this type; throws what was printed instead when it ends without one. */
  until(type: string): Promise<Told>;
  ask(path: string, init?: RequestInit): Promise<Response>;
  stop(signal: NodeJS.Signals): Promise<Ended>;
}

export function startUp(bench: Bench, ...args: readonly string[]): Up {
  const child = bench.start('up', '--json', ...args);
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  const ended = ending(child);
  let over = false;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      told.push(JSON.parse(line));
      wake();
    });
  }
  ended.then(() => {
    over = true;
    wake();
  });
  const until = (type: string): Promise<Told> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = told.find((each) => each.type === type);
        if (found !== undefined) resolve(found);
        else if (over) ended.then(({ code, stderr }) => reject(new Error(`muster up ended with ${code}: ${stderr}`)));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  return {
    child,
    told,
    until,
    ask: async (path, init = {}) => {
      const { control } = await until('ready');
      const token = control?.token ?? process.env['MUSTER_TOKEN'] ?? '';
      return fetch(`${control?.url}${path}`, { headers: { authorization: `Bearer ${token}` }, ...init });
    },
    stop: (signal) => {
      child.kill(signal);
      return ended;
    },
    [Symbol.dispose]: () => {
      if (!over) child.kill('SIGKILL');
    },
  };
}
