/**
 * The agents of a scenario that stand, each with a wire to it, or one over each of its transports, and told in the history when
 * they come and go.
 */
import type { Transport } from '../model/a2a.ts';
import type { Unstamped } from '../model/history.ts';
import type { Agent, ProcessAgent, TellLie, Wire } from '../model/live.ts';
import type { AgentName, Outcome } from '../model/op.ts';
import type { Plan } from '../model/plan.ts';
import { NoTransport, openWire } from '../wire/wire.ts';
import { wireOptionsOf } from './wire-options.ts';

/** Where a wire to this address goes instead, such as a proxy in front of it; nothing for straight there. */
export type Via = (address: URL, transport: Transport) => Promise<string | undefined>;

export interface Cast extends AsyncDisposable {
  /** Starts an agent and opens the wire to it. Throws what the start throws; then nothing of it is left. */
  stand(name: AgentName, how: Agent['how'], start: () => Promise<Agent>, via?: Via): Promise<Agent>;
  stop(name: AgentName): Promise<void>;
  /** Its clients read its card anew, and go where it leads from now on; what they had begun ends where it was. */
  follow(name: AgentName): Promise<void>;
  /** The one that its card puts first, unless a transport is named. */
  wireOf(name: AgentName, over?: Transport): Wire | undefined;
  /** Those that there is a wire over, in the order of the card. */
  transportsOf(name: AgentName): readonly Transport[];
  processOf(name: AgentName): ProcessAgent | undefined;
  lieOf(name: AgentName): TellLie | undefined;
  /** Tells the history what the processes of an agent have. */
  measure(name: AgentName): Promise<Outcome>;
  /** Asks every agent whether it still answers. */
  probe(): Promise<void>;
}

/** The card sends clients, and with them the headers of users, to somebody else. */
class StrangeInterface extends Error {
  override name = 'StrangeInterface';

  constructor(agent: Agent, address: URL) {
    const remedy =
      agent.how === 'url'
        ? `Name that host with --url if it is the one to be tested`
        : `Let the agent write its own address on the card: 127.0.0.1 and the port from PORT or {port}`;
    super(
      `Failed to test agent "${agent.name}": its card at ${agent.url} sends clients to ${address.host}, which is not its own, and muster will not send users' headers there. ${remedy}, or correct the card.`,
    );
  }
}

interface Standing {
  readonly agent: Agent;
  readonly wires: Wires;
  readonly via: Via | undefined;
  /** To where it was before. */
  readonly formerWires: readonly Wire[];
}

type Wires = readonly [first: Wire, ...others: Wire[]];

/**
 * `agents_hang_up`: an agent that stops closes its connections before its clients do. `all_transports`: there is to be a wire
 * over each, as there is anyway where the plan mixes them.
 */
export function openCast(
  plan: Plan,
  emit: (event: Unstamped) => void,
  {
    agents_hang_up = false,
    all_transports = false,
  }: { readonly agents_hang_up?: boolean; readonly all_transports?: boolean } = {},
): Cast {
  const standing = new Map<AgentName, Standing>();

  const stop = async (name: AgentName): Promise<void> => {
    const entry = standing.get(name);
    if (entry === undefined) return;
    standing.delete(name);
    const { agent, formerWires } = entry;
    const wires = [...entry.wires, ...formerWires];
    for (const each of agents_hang_up ? [agent, ...wires] : [...wires, agent]) await each[Symbol.asyncDispose]();
    emit({ type: 'agent', phase: 'stopped', agent: name });
  };

  const severalTransports = all_transports || plan.transport === 'mixed';
  const openWires = (agent: Agent, via: Via | undefined): Promise<Wires> =>
    severalTransports ? openWiresTo(agent, plan) : openWireTo(agent, plan, via).then((wire) => [wire]);
  const tellReady = (name: AgentName, { url, summary: card, boot_ms, pid }: Agent, wires: Wires): void => {
    const [{ transport }] = wires;
    const known = {
      ...(severalTransports ? { transports: wires.map((wire) => wire.transport) } : {}),
      ...(pid === undefined ? {} : { pid }),
    };
    emit({ type: 'agent', phase: 'ready', agent: name, url, transport, card, boot_ms, ...known });
  };

  const processOf = (name: AgentName): ProcessAgent | undefined => {
    const agent = standing.get(name)?.agent;
    return agent !== undefined && isProcess(agent) ? agent : undefined;
  };

  return {
    async stand(name, how, start, via) {
      emit({ type: 'agent', phase: 'starting', agent: name, how });
      const agent = await start();
      try {
        const wires = await openWires(agent, via);
        tellReady(name, agent, wires);
        standing.set(name, { agent, wires, via, formerWires: [] });
        return agent;
      } catch (error) {
        await agent[Symbol.asyncDispose]();
        throw error;
      }
    },
    stop,
    async follow(name) {
      const entry = standing.get(name);
      if (entry === undefined) return;
      const { agent, via, formerWires } = entry;
      const wires = await openWires(agent, via);
      standing.set(name, { agent, wires, via, formerWires: [...entry.wires, ...formerWires] });
      tellReady(name, agent, wires);
    },
    wireOf: (name, over) => {
      const wires = standing.get(name)?.wires;
      return over === undefined ? wires?.[0] : wires?.find(({ transport }) => transport === over);
    },
    transportsOf: (name) => standing.get(name)?.wires.map(({ transport }) => transport) ?? [],
    processOf,
    async measure(name) {
      const measures = await processOf(name)?.measure();
      if (measures === undefined) {
        const message = `agent "${name}" has no process that muster could look into: see --command, on Linux`;
        return { type: 'fail', error: { code: 'not-measurable', message } };
      }
      emit({ type: 'agent', phase: 'measured', agent: name, ...measures });
      return { type: 'ok', value: {} };
    },
    lieOf: (name) => standing.get(name)?.agent.lie,
    async probe() {
      for (const [name, { agent }] of standing) {
        const { answers, reason } = await agent.probe(plan.policy.answer_ms_max);
        emit({ type: 'agent', phase: 'probed', agent: name, answers, ...(reason === undefined ? {} : { reason }) });
      }
    },
    async [Symbol.asyncDispose]() {
      for (const name of [...standing.keys()]) await stop(name);
    },
  };
}

/** Over every transport that the agent offers at an address of its own; where there is none such, the first tells why. */
async function openWiresTo(agent: Agent, plan: Plan): Promise<Wires> {
  const opened: Wire[] = [];
  let refusal: unknown;
  for (const transport of agent.summary.transports) {
    try {
      opened.push(await openWireTo(agent, plan, undefined, transport));
    } catch (error) {
      if (!(error instanceof NoTransport || error instanceof StrangeInterface)) throw error;
      refusal ??= error;
    }
  }
  const [first, ...others] = opened;
  if (first === undefined)
    throw refusal ?? new NoTransport(`The card of the agent at ${agent.url} offers no transport`);
  return [first, ...others];
}

/** A wire connects to nothing before its first op, so the one that only told its address is closed for free. */
async function openWireTo(
  agent: Agent,
  plan: Plan,
  via?: Via,
  transport = plan.transport === 'mixed' ? undefined : plan.transport,
): Promise<Wire> {
  const options = {
    ...wireOptionsOf(plan),
    card: agent.card,
    url: agent.url,
    ...(agent.respond === undefined ? {} : { respond: agent.respond }),
    ...(transport === undefined ? {} : { transport }),
  };
  const wire = await openWire(options);
  if (!agent.owns(wire.address)) {
    await wire[Symbol.asyncDispose]();
    throw new StrangeInterface(agent, wire.address);
  }
  const instead = await via?.(wire.address, wire.transport);
  if (instead === undefined) return wire;
  await wire[Symbol.asyncDispose]();
  return await openWire({ ...options, transport: wire.transport, via: instead });
}

function isProcess(agent: Agent): agent is ProcessAgent {
  return agent.how === 'process' && 'freeze' in agent;
}
