/**
 * What `muster up` tells while it runs: a table that is drawn anew in place on a terminal, a line for each thing that happens
 * anywhere else, and a JSON document per line for programs.
 */
import { count } from '../../../reports/measure.ts';
import { visible } from '../../../reports/visible.ts';
import type { SessionEvent, Sessions } from '../../model/session.ts';
import { portRange, tableLines } from './table.ts';

export interface Ready {
  readonly control: { readonly url: string; readonly token?: string };
  readonly sessions: number;
  readonly agents: number;
  readonly boot_ms: number;
}

export interface Screen extends Disposable {
  add(event: SessionEvent): void;
  /** From now on the table shows these; `above` is told once before. */
  watch(sessions: Pick<Sessions, 'list'>, above: readonly string[]): void;
  ready(told: Ready): void;
  stopped(sessions: number): void;
}

const EVERY_MS = 500;

export function openScreen(out: NodeJS.WriteStream, as: 'json' | 'text'): Screen {
  if (as === 'json') return jsonScreen(out);
  return out.isTTY === true && process.env['CI'] === undefined ? liveScreen(out) : plainScreen(out);
}

function jsonScreen(out: NodeJS.WriteStream): Screen {
  const print = (type: string, rest: object): void => {
    out.write(`${JSON.stringify({ type, ...rest })}\n`);
  };
  return {
    add: ({ phase, ...rest }) => print(phase, rest),
    watch: () => {},
    ready: (told) => print('ready', told),
    stopped: (sessions) => print('stopped', { sessions }),
    [Symbol.dispose]: () => {},
  };
}

function plainScreen(out: NodeJS.WriteStream): Screen {
  return {
    add: (event) => out.write(`${sentenceOf(event)}\n`),
    watch: (_, above) => out.write(`${above.join('\n')}\n`),
    ready: (told) => out.write(`${readySentence(told)}\n`),
    stopped: (sessions) => out.write(`${stoppedSentence(sessions)}\n`),
    [Symbol.dispose]: () => {},
  };
}

function liveScreen(out: NodeJS.WriteStream): Screen {
  let drawn = 0;
  let list: Sessions['list'] = () => [];
  const erase = (): void => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    // A terminal that does not know its size, as in a container, says 0.
    const lines = tableLines(list(), { rows: out.rows || 24, columns: out.columns || 80 });
    erase();
    out.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(draw, EVERY_MS);
  const say = (sentence: string): void => {
    erase();
    out.write(`${sentence}\n`);
    draw();
  };
  return {
    add: (event) => {
      // What goes well is in the table.
      const quiet = event.phase === 'opened' || (event.phase === 'ended' && event.problem === undefined);
      if (!quiet) say(sentenceOf(event));
    },
    watch: (sessions, above) => {
      list = sessions.list;
      // Once, and whole however narrow the terminal is: it is there to be copied.
      out.write(`${above.join('\n')}\n`);
    },
    ready: (told) => say(readySentence(told)),
    stopped: (sessions) => {
      clearInterval(timer);
      erase();
      out.write(`${stoppedSentence(sessions)}\n`);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

function sentenceOf(event: SessionEvent): string {
  if (event.phase === 'refused') return `refused  ${visible(event.message)}`;
  const { session } = event;
  const who = `${session.id} ${visible(session.user)}`;
  switch (event.phase) {
    case 'opened': {
      const ports = portRange(session.ports.slice(0, session.agents.length));
      return `opened   ${who} on ${ports} in ${Math.round(event.boot_ms)} ms`;
    }
    case 'failing':
      return `failing  ${who}, ${event.agent}: ${visible(event.message)}`;
    case 'restarted':
      return `restart  ${who}, ${event.agent} answers again`;
    case 'ended':
      return `ended    ${who}: ${event.reason}${event.problem === undefined ? '' : `, ${visible(event.problem)}`}`;
  }
}

function readySentence({ sessions, agents, boot_ms }: Ready): string {
  return `ready    ${count(sessions, 'session')}, ${count(agents, 'agent')} in ${(boot_ms / 1000).toFixed(1)} s; Ctrl-C stops them all`;
}

function stoppedSentence(sessions: number): string {
  return `stopped  ${count(sessions, 'session')}; all agents have ended and all ports were returned`;
}
