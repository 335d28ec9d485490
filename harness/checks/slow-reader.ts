/**
 * A client that keeps a stream open and does not read it is served badly by its own choice, and nobody else may be. Others are held
 * up by it when they hear nothing until it goes, and hear something again as soon as it has gone: only then is it the cause, and not
 * a slow machine. It counts only where more waited than systems take by themselves, so that the agent has met the pressure.
 */
import type { Check } from '../model/check.ts';
import type { HistoryEvent, InvokeEvent } from '../model/history.ts';
import { type KeptEvent, keep } from '../model/kept.ts';
import { type AgentName, isProtocolOp, PROTOCOL_OPS, type Step } from '../model/op.ts';
import { startFindings } from './parts/findings.ts';
import { ANSWERS, isReadBack, isStreaming } from './parts/reading.ts';

/** Linux takes 4 MB of what a sender writes, and as much as a hundred kilobytes wait at the reader. */
const PRESSURE_BYTES = 4_500_000;
const OTHERS_MIN = 3;
/** Of the others who could have been served, so many must have been held up. */
const MOST = 0.75;
/** A silence is none while it is but a few times as long as the gaps were before. */
const GAPS = 5;

interface Waiting {
  readonly invoke: InvokeEvent;
  /** What it heard last. */
  last: KeptEvent;
  /** Gaps before anybody held a stream; the latest few. */
  readonly gaps: number[];
}

interface Held {
  readonly agent: AgentName;
  readonly invoke: InvokeEvent;
  readonly began: KeptEvent;
}

/** Who had heard nothing for long when the reader went, and what they heard after that. */
interface Release {
  readonly held: Held;
  readonly invoke: InvokeEvent;
  readonly others: readonly { readonly one: Waiting; readonly silent_ms: number; readonly isSilent: boolean }[];
  readonly resumed: Map<number, KeptEvent>;
  bytes: number;
  /** When all that had waited was read, which takes a while on a busy machine. */
  gone_ms: number;
}

export const slowReader: Check = {
  name: 'slow-reader',
  title: 'A client that does not read its stream holds up nobody else',
  section: 'policy',
  memory: 'Two events and a few numbers per open op, and per op that was open when a held stream was let go.',
  judges: 'agent',
  reads: ['invoke', ...ANSWERS],
  ops: [...PROTOCOL_OPS, 'hold', 'letGo'],
  start: ({ plan, scene: { faults, ops } }) => {
    const { stall_ms_max } = plan.policy;
    const findings = startFindings();
    const open = ops.perOp<Waiting>();
    const streams = new Map<string, InvokeEvent>();
    const held = new Map<string, Held>();
    const releases: Release[] = [];
    let bytes_max = 0;

    const onInvoke = (invoke: InvokeEvent): void => {
      const { op, user, device } = invoke;
      if (isReadBack(invoke)) return;
      if (isProtocolOp(op)) open.set(invoke, { invoke, last: invoke, gaps: [] });
      if (isStreaming(op)) streams.set(keyOf(user, device, invoke.step), invoke);
      const release = op.op === 'letGo' ? held.get(keyOf(user, device, op.stream)) : undefined;
      if (release !== undefined) releases.push(releaseOf(release, invoke, [...open.values()], stall_ms_max));
    };

    const onAct = (event: HistoryEvent, { op, op_id, user, device }: InvokeEvent): void => {
      if (op.op !== 'hold' && op.op !== 'letGo') return;
      const key = keyOf(user, device, op.stream);
      const invoke = streams.get(key);
      if (op.op === 'hold' && invoke !== undefined && isProtocolOp(invoke.op) && !held.has(key))
        held.set(key, { agent: invoke.op.agent, invoke, began: keep(event) });
      const release = releases.find((one) => one.invoke.op_id === op_id);
      if (release === undefined || event.type !== 'ok') return;
      release.bytes = Number(event.value?.bytes ?? 0);
      release.gone_ms = event.time_ms;
      bytes_max = Math.max(bytes_max, release.bytes);
      held.delete(key);
    };

    const onHeard = (event: HistoryEvent, heard: InvokeEvent): void => {
      const one = open.get(heard);
      const { op_id } = heard;
      if (one === undefined) return;
      for (const { invoke, others, resumed } of releases)
        if (event.seq > invoke.seq && !resumed.has(op_id) && others.some((other) => other.one === one))
          resumed.set(op_id, keep(event));
      if (held.size === 0 && event.type === 'event') {
        one.gaps.push(event.time_ms - one.last.time_ms);
        if (one.gaps.length > GAPS) one.gaps.shift();
      }
      one.last = keep(event);
    };

    return {
      add(event, invoke) {
        if (event.type === 'invoke') onInvoke(event);
        else if (invoke !== undefined) {
          onAct(event, invoke);
          onHeard(event, invoke);
        }
      },
      close() {
        let evidence = 0;
        for (const release of releases) {
          const isJudged = release.bytes >= PRESSURE_BYTES && !faults.touchedAny(release.held.invoke);
          if (!isJudged || release.others.length < OTHERS_MIN) continue;
          evidence += release.others.length;
          const stalled = stalledIn(release, stall_ms_max);
          if (stalled.length >= OTHERS_MIN && stalled.length >= MOST * release.others.length)
            findings.report(exampleOf(release, stalled, stall_ms_max));
        }
        return { evidence, findings: findings.list(), ...noteOf(releases.length, evidence, bytes_max) };
      },
    };
  },
};

const keyOf = (user: string, device: number, step: Step): string => JSON.stringify([user, device, step]);

/** Those count who were there for long enough to hear something: other users' ops on the same agent. */
function releaseOf(held: Held, invoke: InvokeEvent, open: readonly Waiting[], stall_ms_max: number): Release {
  const { agent, began } = held;
  const others = open
    .filter(({ invoke: { op, user, time_ms } }) => {
      const since_ms = Math.max(time_ms, began.time_ms);
      const isThere = invoke.time_ms - since_ms >= stall_ms_max;
      return isThere && user !== invoke.user && isProtocolOp(op) && op.agent === agent;
    })
    .map((one) => {
      const silent_ms = invoke.time_ms - Math.max(one.last.time_ms, began.time_ms);
      return { one, silent_ms, isSilent: silent_ms >= Math.max(stall_ms_max, GAPS * median(one.gaps)) };
    });
  return { held, invoke, others, resumed: new Map(), bytes: 0, gone_ms: invoke.time_ms };
}

/** Who was silent, and heard something soon after the reader had gone. */
function stalledIn({ others, resumed, gone_ms }: Release, stall_ms_max: number): readonly Waiting[] {
  return others
    .filter(({ one, isSilent }) => {
      const event = resumed.get(one.invoke.op_id);
      return isSilent && event !== undefined && event.time_ms - gone_ms < stall_ms_max / 2;
    })
    .map(({ one }) => one);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function exampleOf({ held, invoke, others, resumed, bytes }: Release, stalled: readonly Waiting[], limit_ms: number) {
  const [example] = stalled;
  const silent_ms = others.find(({ one }) => one === example)?.silent_ms ?? 0;
  return {
    kind: 'others-held-up',
    message: 'A client that did not read its stream held up the others',
    expected: `While one client does not read, others hear of their own within ${limit_ms} ms, as they did before.`,
    seen: `${stalled.length} of ${others.length} ops of others heard nothing for up to ${Math.round(silent_ms)} ms, until ${invoke.user}, for whom ${Math.round(bytes / 1e6)} MB waited, had gone.`,
    users: [held.invoke.user, ...stalled.map((one) => one.invoke.user)],
    tasks: [],
    shape: `${example?.invoke.op.op ?? 'an op'} beside a stream that nobody reads`,
    evidence: [
      held.began,
      example?.invoke,
      invoke,
      example === undefined ? undefined : resumed.get(example.invoke.op_id),
    ],
  };
}

function noteOf(releases: number, evidence: number, bytes_max: number): { readonly note?: string } {
  if (releases === 0 || evidence > 0) return {};
  return {
    note: `Streams were held ${releases} times, and at most ${bytes_max} bytes waited or too few others were there: an agent feels a reader who does not read when more than ${PRESSURE_BYTES} bytes wait.`,
  };
}
