/**
 * An agent whose peer is broken leaves it room to come back: for each turn that needs the peer it tries a bounded number of
 * times. Counted where muster sees it, at the proxy before the peer, from the bite of a fault to its heal.
 */
import type { Check } from '../model/check.ts';
import type { FaultEvent, HistoryEvent, InvokeEvent } from '../model/history.ts';
import { isPeer, peersNeeded } from '../model/peers.ts';
import { type Example, startFindings } from './parts/findings.ts';

interface Siege {
  readonly applied: FaultEvent;
  /** The first turn that needed the peer meanwhile, and how many there were. */
  first: InvokeEvent | undefined;
  turns: number;
}

export const retriesBounded: Check = {
  name: 'retries-bounded',
  title: 'An agent tries to reach a broken peer a bounded number of times for each turn',
  section: 'policy',
  memory: 'One entry per fault, and the open ops that delegate.',
  judges: 'agent',
  concerns: ({ faults }) => faults.some(({ target }) => isPeer(target)),
  reads: ['fault', 'invoke', 'ok', 'fail', 'info'],
  start: ({ plan }) => {
    const { peer_attempts_max } = plan.policy;
    const findings = startFindings();
    const open = new Map<number, InvokeEvent>();
    const sieges = new Map<number, Siege>();
    let evidence = 0;

    const onFault = (event: FaultEvent): void => {
      if (!isPeer(event.fault.target)) return;
      if (event.phase === 'applied') {
        const turns = [...open.values()].filter((each) => needs(each, event));
        sieges.set(event.fault_id, { applied: event, first: turns[0], turns: turns.length });
      }
      const siege = sieges.get(event.fault_id);
      if (event.phase !== 'healed' || siege === undefined) return;
      sieges.delete(event.fault_id);
      if (event.attempts === undefined || siege.turns === 0) return;
      evidence += 1;
      if (event.attempts > peer_attempts_max * siege.turns) {
        findings.report(exampleOf(siege, event, event.attempts, peer_attempts_max));
      }
    };

    const begin = (invoke: InvokeEvent): void => {
      open.set(invoke.op_id, invoke);
      for (const siege of sieges.values()) {
        if (!needs(invoke, siege.applied)) continue;
        siege.first ??= invoke;
        siege.turns += 1;
      }
    };

    return {
      add(event, invoke) {
        if (event.type === 'fault') onFault(event);
        if (event.type === 'invoke' && peersNeeded(event.op).length > 0) begin(event);
        if (invoke !== undefined && event.type !== 'event') open.delete(invoke.op_id);
      },
      close: () => ({ evidence, findings: findings.list() }),
    };
  },
};

const needs = ({ op }: InvokeEvent, { fault: { target } }: FaultEvent): boolean =>
  peersNeeded(op).some((peer) => peer === target);

function exampleOf(
  { applied, first, turns }: Siege,
  healed: HistoryEvent & FaultEvent,
  attempts: number,
  max: number,
): Example {
  const { fault, target } = healed.fault;
  return {
    kind: 'retry-storm',
    message: 'An agent stormed its broken peer with requests',
    expected: `While "${fault}" is on the ${target}, the agent tries to reach it at most ${max} times for each turn that needs it.`,
    seen: `${attempts} requests and connections came to the peer while ${turns} ${turns === 1 ? 'turn' : 'turns'} needed it: ${Math.round(attempts / turns)} for each.`,
    users: first === undefined ? [] : [first.user],
    tasks: [],
    evidence: [applied, first, healed],
  };
}
