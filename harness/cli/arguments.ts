/** The command line as yargs hands it over: words and numbers, not yet held against anything. */
import type { Argv } from 'yargs';

/** What every verb that makes a plan takes. */
export interface PlanArguments {
  readonly scenario?: readonly string[] | undefined;
  readonly fixture?: string | undefined;
  readonly command?: string | undefined;
  readonly url?: string | undefined;
  readonly allowFaults?: boolean | undefined;
  readonly toxiproxy?: string | undefined;
  readonly mode?: string | undefined;
  readonly fallback?: string | undefined;
  readonly socketActivation?: boolean | undefined;
  readonly transport?: string | undefined;
  readonly identity?: string | undefined;
  readonly usersFile?: string | undefined;
  readonly phrasebook?: string | undefined;
  readonly users?: number | undefined;
  readonly rate?: number | undefined;
  readonly only?: string | undefined;
  readonly seed?: number | undefined;
  readonly gate?: readonly string[] | undefined;
  /** `--no-baseline` makes it false. */
  readonly baseline?: string | false | undefined;
  readonly ports?: string | undefined;
  readonly excludePorts?: string | undefined;
  readonly config?: string | undefined;
}

/** What every verb that looks for ports takes. */
export const PORT_OPTIONS = {
  ports: { type: 'string', describe: "FIRST-LAST, or 'os' for what the operating system gives" },
  'exclude-ports': { type: 'string', describe: 'more ports never to be used, such as 5432,6379' },
  config: { type: 'string', describe: 'a config file; muster.config.ts unless given' },
} as const;

/** Which agent it is, and who its users are: for every verb that makes a plan. */
export const AGENT_OPTIONS = {
  fixture: { type: 'string', describe: 'an agent that muster brings along (see `muster list`)' },
  command: { type: 'string', describe: "a command that starts your agent on $PORT; '{port}' is filled in" },
  'socket-activation': {
    type: 'boolean',
    describe: 'the command takes the socket of its port as descriptor 3 (LISTEN_FDS), and binds nothing itself',
  },
  url: { type: 'string', describe: 'a deployed agent; muster starts and stops nothing' },
  identity: { type: 'string', describe: 'anonymous, or bearer: a made-up bearer token per user' },
  'users-file': { type: 'string', describe: 'JSON with the headers of real users: [{"id": …, "headers": {…}}]' },
  phrasebook: {
    type: 'string',
    describe:
      'how to make the agent do things: a JSON file such as {"short":{"text":"say {token}"}}, or a fixture\'s name',
  },
  transport: {
    type: 'string',
    describe: 'jsonrpc, rest, grpc, or mixed: dealt out among the users; the first on the agent card unless given',
  },
} as const;

/** What makes a run again, and what it must meet. */
export const JUDGE_OPTIONS = {
  seed: { type: 'number', describe: 'makes every choice again; drawn at random unless given' },
  gate: { type: 'string', array: true, nargs: 1, describe: "such as 'p95_ms(SendMessage) < 250'; may be repeated" },
  baseline: {
    type: 'string',
    describe: 'a file of known findings, which fail nothing until their date (see `muster baseline`)',
  },
} as const;

export function planArguments<T>(yargs: Argv<T>) {
  return yargs
    .positional('scenario', {
      type: 'string',
      array: true,
      describe: "scenarios to run, by name, pattern ('peer-*') or family; the standard suite when none is named",
    })
    .options(AGENT_OPTIONS)
    .option('allow-faults', {
      type: 'boolean',
      describe: 'scenarios may disturb the way of their own users to the agent behind --url',
    })
    .option('toxiproxy', {
      type: 'string',
      describe: 'the HTTP API of a Toxiproxy server, which then does the faults of bytes and connections',
    })
    .option('mode', {
      type: 'string',
      describe: 'real, or simulated: the fixture answers in this process, with no socket',
    })
    .option('fallback', {
      type: 'string',
      describe: 'simulated: agents of a fixture for whom there is no port left are simulated',
    })
    .option('users', { type: 'number', describe: "users per scenario, instead of each scenario's own number" })
    .option('rate', {
      type: 'number',
      describe: 'users that arrive per second, instead of the scenario’s own arrivals',
    })
    .option('only', {
      type: 'string',
      describe:
        'of one scenario only these users, steps and faults, as a shrunk finding names them: u1:0,u4:0+2-3,at-once',
    })
    .options(JUDGE_OPTIONS)
    .options(PORT_OPTIONS);
}
