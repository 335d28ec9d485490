/**
 * What a fault is, as data and behaviour: a plan goes in, something that heals by being disposed comes out. A fault must
 * say what it did in a sentence, both when it bites and when it heals, since a fault that hit nothing proves nothing.
 */
import type { ProcessAgent, TellLie } from '../model/live.ts';
import type { FaultName, FaultPlan } from '../model/scenario.ts';
import type { Attributes } from './attributes.ts';
import type { FaultProxy } from './proxy/proxy.ts';
import type { ToxicFront } from './toxiproxy/server.ts';

/** What there is to hurt. A process fault needs `agent`, a proxy fault `proxy`, and a fault of the truth `lie`. */
export interface FaultSubject {
  readonly agent?: ProcessAgent;
  readonly proxy?: FaultProxy;
  readonly lie?: TellLie;
  /** Stands behind the proxy, and does the faults that it can. */
  readonly toxics?: ToxicFront;
  /** Clients speak gRPC to it, so that their calls cannot be told apart. */
  readonly isGrpc?: boolean;
  /** It is the ways between servers, where bytes pass and nothing is read. */
  readonly isLinks?: boolean;
  /** The headers that make requests a user's own, by his name; nothing where there is no such user. */
  readonly headersOf?: (user: string) => Readonly<Record<string, string>> | undefined;
  /** The nth draw of this fault for a purpose, from 0 up to 1: it depends on the seed and on nothing else. */
  readonly draw?: (purpose: string, count: number) => number;
}

/** A fault at work. Disposing heals; healing twice gives the first proof again. */
export interface AppliedFault extends AsyncDisposable {
  /** What shows that it was applied. */
  readonly proof: string;
  /** Undoes the fault, and tells what it did while it lasted. Rejects when the agent did not come back. */
  heal(): Promise<string>;
  /** How often traffic has met it; missing where nobody can count. Still known once it has healed. */
  readonly hits?: () => number;
  /** Where calls were told when to come back: how many messages, and how often one of them came before. Nothing where none was. */
  readonly turnedAway?: () => TurnedAway | undefined;
}

export interface TurnedAway {
  readonly messages: number;
  readonly early: number;
}

export type PlanOf<N extends FaultName> = Extract<FaultPlan, { readonly fault: N }>;

/**
 * One kind of fault. `apply` is a method on purpose: the table's key ties each row to its own plan, and TypeScript
 * compares the parameters of methods loosely enough to look a row up by `plan.fault`.
 */
export interface ProcessFault<N extends FaultName = FaultName> {
  readonly title: string;
  readonly needs: 'process';
  readonly attributes: Attributes<N>;
  apply(plan: PlanOf<N>, agent: ProcessAgent, signal: AbortSignal): Promise<AppliedFault>;
}

export interface ProxyFault<N extends FaultName = FaultName> {
  readonly title: string;
  readonly needs: 'proxy';
  readonly attributes: Attributes<N>;
  /** What it is about; what is about calls or events cannot hit gRPC, and what is about a port hits all or nobody. */
  readonly about: 'ports' | 'connections' | 'bytes' | 'messages' | 'events' | 'calls';
  /** Rules that it adds to the proxy are narrowed to the plan's match by whoever calls this. */
  apply(plan: PlanOf<N>, proxy: FaultProxy, signal: AbortSignal): Promise<AppliedFault>;
}

export interface LiarFault<N extends FaultName = FaultName> {
  readonly title: string;
  readonly needs: 'liar';
  readonly attributes: Attributes<N>;
  apply(plan: PlanOf<N>, lie: TellLie, signal: AbortSignal): Promise<AppliedFault>;
}

export type Fault<N extends FaultName = FaultName> = ProcessFault<N> | ProxyFault<N> | LiarFault<N>;

/** A fault that could not be applied, or an option of the proxy that makes no sense. */
export class FaultFailed extends Error {
  override readonly name = 'FaultFailed';
}
