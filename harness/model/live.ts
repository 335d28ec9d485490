/**
 * Live resources, as the folders that own them show them to the run. Each is disposed with `await using`; disposing
 * twice is harmless. Only types: the behaviour is in ports/, agents/, wire/ and faults/.
 */
import type { StreamResponse, Transport } from './a2a.ts';
import type { CardSummary } from './history.ts';
import type { HookSecret } from './hooks.ts';
import type { LieName } from './lies.ts';
import type { AgentOp, Outcome } from './op.ts';
import type { Phrasebook } from './phrasebook.ts';
import type { Policy } from './plan.ts';
import type { ProcessMeasures } from './process-measures.ts';
import type { Family } from './scenario.ts';
import type { Stop } from './stop.ts';
import type { Traffic } from './vitals.ts';

/** A port that a socket already listens on, to be handed to whoever is to answer there. */
export interface HeldPort {
  readonly port: number;
  /**
   * What `net.Server.listen` takes in place of a port number. Until somebody listens with it, who connects is reset: a port
   * that is only held answers like one where nobody is.
   */
  readonly handle: object;
  /** For who cannot use it after all, or has sent a copy of it to another process. Harmless when it is closed already. */
  close(): Promise<void>;
}

/** Ports owned by this process and no other process of muster; returned by disposing. */
export interface PortLease extends AsyncDisposable {
  readonly ports: readonly number[];
  readonly holder: string;
  /**
   * The socket that has held the port since it was leased; from now on it is the caller's to close. Nothing when it was
   * taken or freed before.
   */
  take(port: number): HeldPort | undefined;
  /**
   * Closes the socket that holds the port, for an agent that must bind it itself: from here until it does, somebody else
   * might.
   */
  free(port: number): Promise<void>;
}

export interface PortPool extends AsyncDisposable {
  /** Throws `PortsExhausted` (harness/ports) when no block is left. */
  lease(holder: string): Promise<PortLease>;
  /** Blocks held by this pool, and how many it could hold at most. */
  count(): { readonly held: number; readonly all: number };
}

export interface AgentExit {
  readonly asked: boolean;
  readonly code: number | null;
  readonly signal: string | null;
  readonly log_tail: readonly string[];
}

/**
 * Answers an HTTP request without a connection. The body is a stream where the answer is one. Aborting the request, or
 * cancelling the body, is the caller leaving.
 */
export type Respond = (request: Request) => Promise<Response>;

/** A lie that is being told. Disposing it: whoever asks from now on is told the truth. */
export interface Telling extends Disposable {
  /** How often it was told. */
  told(): number;
}

/** Lets a peer lie in one way, beside those in which it lies already: they take turns. */
export type TellLie = (which: LieName) => Telling;

export interface Agent extends AsyncDisposable {
  readonly name: string;
  readonly how: 'in-process' | 'process' | 'url' | 'simulated';
  /** How a simulated one is spoken to, for it has no socket. */
  readonly respond?: Respond;
  /** Where its card was found. */
  readonly url: string;
  /** The agent card as JSON, as served. */
  readonly card: Readonly<Record<string, unknown>>;
  readonly summary: CardSummary;
  readonly boot_ms: number;
  readonly pid?: number;
  /** How many requests it has been sent, but for its card; nothing where that cannot be known. */
  requests?(): number;
  /**
   * Whether anybody but muster has used it since this was last asked, or is using it now; nothing where that cannot be
   * known.
   */
  used?(): boolean;
  /** For one that can be told to lie. */
  readonly lie?: TellLie;
  /**
   * Whether an address that its card names is its own. Users' headers go there, so another's is not to be spoken to.
   */
  owns(address: URL): boolean;
  /** Asks for the card once more; gives the reason when it does not answer as before. */
  probe(timeout_ms: number): Promise<{ readonly answers: boolean; readonly reason?: string }>;
}

/** What of an agent's processes can be made scarce while they run. */
export const SCARCE = ['descriptors', 'memory', 'file-size'] as const;
export type Scarce = (typeof SCARCE)[number];

/** A limit that was lowered on the processes of an agent. */
export interface LoweredLimit {
  readonly proof: string;
  /** How often they are at the limit at this moment: processes with nothing left, or files that cannot grow. */
  spent(): number;
  /** Gives back what they had before, and starts an agent again that has died of it. */
  lift(): Promise<string>;
}

/** An agent in a process of its own, which can be hurt. What is asked of it in turn is done in turn. */
export interface ProcessAgent extends Agent {
  /** Sends a signal to its process group; a kill is recorded as asked for. Resolves when the effect is visible. */
  kill(): Promise<string>;
  /** SIGTERM. Who has not ended after the deadline is left as it is, and that is told. */
  stop(deadline_ms: number): Promise<{ readonly ended: boolean; readonly proof: string }>;
  freeze(): Promise<string>;
  thaw(): Promise<string>;
  /** All its processes, once they have let go of what they let go of by themselves; nothing where that cannot be known. */
  measure(): Promise<ProcessMeasures | undefined>;
  /** Of its process that has the fewest left; nothing where that cannot be known. */
  descriptors(): { readonly pid: number; readonly open: number; readonly limit: number } | undefined;
  /**
   * Kills what is left of it, starts the same command on the same port again, or on another one of its own, and waits until
   * its card answers. Its `url` and `card` are then those of the new life. Nothing is started while the run is being stopped.
   */
  restart(port?: 'same' | 'other'): Promise<string>;
  /** Kills it, and starts its successor in a way that it stands still before it begins to boot. */
  restartHeld(): Promise<{ readonly proof: string; letGo(): Promise<string> }>;
  /** Kills it, takes its port, and starts it once in vain. */
  restartInVain(): Promise<{ readonly proof: string; freePort(): Promise<void> }>;
  /** `left`: so many descriptors, or bytes of address space, more than each process has; for files, their size in bytes. */
  limit(what: Scarce, left: number): Promise<LoweredLimit>;
}

/** One connection set of virtual users to one agent. Never throws: every failure is an outcome. */
export interface Wire extends AsyncDisposable {
  readonly transport: Transport;
  /** Where it sends everything: the interface of the card that it speaks to. */
  readonly address: URL;
  /** What went over it until now; nothing where nobody counts (gRPC, no socket). */
  traffic?(): Traffic;
  perform(
    op: AgentOp,
    options: {
      readonly headers: Readonly<Record<string, string>>;
      /** Aborting is the reader going away; the outcome is then `ok` with `ended: 'by-reader'` for streams. */
      readonly signal: Stop;
      readonly timeout_ms: number;
      readonly onEvent: (payload: StreamResponse) => void;
      /**
       * For an op that goes together with others: called once, when all of it but the last byte is written, and the rest goes when
       * it resolves. Where that cannot be had (gRPC, no socket) all of it waits. The time until then does not count.
       */
      readonly hold?: () => Promise<void>;
      /** Awaited before each next event of a stream is read: while it lasts nothing is taken off the connection. */
      readonly pace?: () => Promise<void>;
      /** Of the webhook that the op names. */
      readonly secret?: HookSecret | undefined;
    },
  ): Promise<Outcome>;
}

/** What a fixture needs to know to start. */
export interface FixtureOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** The port's socket, which is the fixture's from now on, in place of binding the port. */
  readonly held?: HeldPort;
  /** Where the agent that it delegates to is found, for fixtures that have one. */
  readonly peer?: string;
  /** Where the other agents of its group are found, for fixtures that work in groups. */
  readonly peers?: readonly string[];
  /** Where those of its crew are found, by what they do. */
  readonly crew?: Readonly<Record<string, string>>;
}

export interface RunningFixture extends AsyncDisposable {
  /** Base URL; the card is at /.well-known/agent-card.json below it. */
  readonly url: string;
  /** What its card says, as JSON has it. Who leaves it out is asked over HTTP, and is up when the answer has come. */
  readonly card?: Readonly<Record<string, unknown>>;
  /** How many requests it has been sent, but for its card: muster itself asks for that all the time. */
  requests?(): number;
  /** How many requests and gRPC connections are open. */
  open?(): number;
  /** Lets nobody in any more, and resolves when what it is at has ended, however long that takes. */
  drain?(): Promise<void>;
  readonly lie?: TellLie;
}

export interface SimulateOptions {
  /** The base URL that its card names. Nothing has to be there, and nobody but the holder of `respond` can call it. */
  readonly url: string;
  readonly peer?: string;
  readonly crew?: Readonly<Record<string, string>>;
  /** How it reaches its peer and its crew; the global one unless given. */
  readonly fetch?: typeof fetch;
}

/** An agent that answers in this process: the same code as a running one, but with neither socket nor port. */
export interface SimulatedAgent extends AsyncDisposable {
  /** Base URL; the card is at /.well-known/agent-card.json below it. */
  readonly url: string;
  /** What it answers below its URL; `*` stands for anything. */
  readonly paths: readonly string[];
  /** Rejects once the agent is disposed. */
  readonly respond: Respond;
  /** How many requests it has been sent, but for its card. */
  requests(): number;
  /** How many requests are open. */
  open(): number;
}

/** Of one user's requests, by name. They are nobody's business: they are written down nowhere. */
export type UserHeaders = Readonly<Record<string, string>>;

/** Of the user at a position; `refused`: the agent has answered 401 to those that he had. */
export type HeadersOf = (index: number, refused?: boolean) => UserHeaders | Promise<UserHeaders>;

export interface Fixture {
  readonly name: string;
  readonly title: string;
  readonly phrasebook: Phrasebook;
  /** What it promises where the specification leaves a choice; a config has the last word. */
  readonly policy?: Partial<Policy>;
  /** Mutants: the one check that is meant to catch it. Correct agents have none. */
  readonly caughtBy?: string;
  /** Mutants: the scenario that provokes it soonest. */
  readonly provokedBy?: string;
  /** Correct agents that are there for one thing: the family of scenarios that shows it. The others are tried on all. */
  readonly triedOn?: Family;
  /** `own` for one that takes its process down with it. */
  readonly process?: 'own';
  /** The fixture that serves as its peer. */
  readonly peer?: string;
  /** It is told of all other agents of its session or scenario. */
  readonly peers?: 'all';
  /**
   * What its users show, in place of bearer tokens that muster makes up; `user` is the name that such a token would have. Asked for
   * before each request, so that it can be what is good just then; `refused`: the agent has answered 401 to what it was before. Works
   * in whatever process the agent is.
   */
  readonly headersOf?: (user: string, refused?: boolean) => Promise<UserHeaders>;
  /** The fixtures that work for it, by what they do: the kitchen of who takes orders. It is told where each is. */
  readonly crew?: Readonly<Record<string, string>>;
  /** A session that a script opens is made of it and its crew, in this order; unless given all its agents are the same. */
  readonly sessions?: 'with-crew';
  /** The fixture in whose crew it is, and but for which it is not there: it is in no list. */
  readonly partOf?: string;
  readonly start: (options: FixtureOptions) => Promise<RunningFixture>;
  /** Not there where it takes a process or a port to show what the fixture is for. */
  readonly simulate?: (options: SimulateOptions) => Promise<SimulatedAgent>;
}
