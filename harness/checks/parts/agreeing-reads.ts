/**
 * One task, read over several transports by one user after its end: the same to the last field. Only what is certain is told:
 * whoever asks over one transport before and after, and is told the same both times, is told that in between too.
 * Memory: a hash per field and read, for the latest 10,000 tasks.
 */
import type { Transport } from '../../model/a2a.ts';
import type { HistoryEvent, InvokeEvent } from '../../model/history.ts';
import { type KeptEvent, keep } from '../../model/kept.ts';
import { type Json, recordOf } from '../../model/record-of.ts';
import type { Example } from './findings.ts';
import { canonicalJson, fingerprintOf } from './fingerprints.ts';
import { startLatest } from './latest.ts';
import { clip, isTerminal, listOf, stateOf, taskIdOf } from './reading.ts';

interface Field {
  readonly print: number;
  readonly shown: string;
}

interface Read {
  readonly transport: Transport;
  readonly fields: ReadonlyMap<string, Field>;
  readonly invoke: InvokeEvent;
  readonly event: KeptEvent;
}

export interface AgreeingReads {
  /** `key` names the task, its agent and the life of that. */
  add(event: HistoryEvent, invoke: InvokeEvent, key: string, transport: Transport): void;
  compared(): number;
}

/** A task that is read more often is compared with its latest reads. */
const READS_MAX = 8;

export function startAgreeingReads(report: (example: Example) => void): AgreeingReads {
  const reads = startLatest<readonly Read[]>();
  let compared = 0;
  return {
    add(event, invoke, key, transport) {
      const task = event.type === 'ok' ? recordOf(recordOf(event.value)['task']) : {};
      if (invoke.op.op !== 'GetTask' || task['id'] !== taskIdOf(invoke.op) || !isTerminal(stateOf(task))) return;
      const read: Read = { transport, fields: fieldsOf(task), invoke, event: keep(event) };
      const name = `${invoke.user}\n${key}`;
      const earlier = (reads.get(name) ?? []).filter((one) => one.event.seq < invoke.seq);
      const before = earlier.findLast((one) => one.transport === transport);
      if (before !== undefined && differingField(before, read) !== undefined) {
        // It changes by itself, whatever it is read over.
        reads.set(name, [read]);
        return;
      }
      const between = earlier.filter(
        (one) => one.transport !== transport && before !== undefined && one.invoke.seq > before.event.seq,
      );
      for (const one of between) {
        compared += 1;
        const field = differingField(read, one);
        if (before !== undefined && field !== undefined) report(exampleOf(before, one, read, field));
      }
      reads.set(name, [...earlier, read].slice(-READS_MAX));
    },
    compared: () => compared,
  };
}

/** A field that is not there and one that is empty are the same (§5.7); times are the same to the millisecond (§5.6.1). */
function fieldsOf(task: Json): ReadonlyMap<string, Field> {
  const status = recordOf(task['status']);
  const fields: Readonly<Record<string, unknown>> = {
    contextId: task['contextId'],
    'status.state': status['state'],
    'status.timestamp': instantOf(status['timestamp']),
    'status.message': status['message'],
    artifacts: task['artifacts'],
    history: task['history'],
    metadata: task['metadata'],
  };
  return new Map(
    Object.entries(fields).map(([name, value]) => {
      const json = canonicalJson(isEmpty(value) ? undefined : withoutEmpty(value));
      return [name, { print: fingerprintOf(json), shown: json === 'null' ? 'nothing' : clip(json, 80) }];
    }),
  );
}

function instantOf(timestamp: unknown): unknown {
  const ms = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(ms) ? timestamp : ms;
}

/** Of messages, artifacts and parts. What is within `data` and `metadata` is the agent's own, and says what it says. */
function withoutEmpty(value: unknown, level = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item, level + 1));
  const members = Object.entries(recordOf(value));
  if (members.length === 0 || level > 3) return value;
  return Object.fromEntries(
    members
      .filter(([, member]) => !isEmpty(member))
      .map(([name, member]) => [
        name,
        name === 'data' || name === 'metadata' ? member : withoutEmpty(member, level + 1),
      ]),
  );
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) ? listOf(value).length === 0 : typeof value === 'object' && Object.keys(value).length === 0);

function differingField(a: Read, b: Read): string | undefined {
  return [...a.fields].find(([name, { print }]) => b.fields.get(name)?.print !== print)?.[0];
}

function exampleOf(before: Read, between: Read, after: Read, field: string): Example {
  const shown = (read: Read): string => read.fields.get(field)?.shown ?? 'nothing';
  const taskId = taskIdOf(after.invoke.op) ?? '';
  return {
    kind: 'reads-differ',
    message: 'A task that was over read differently over another transport',
    expected: `GetTask of ${clip(taskId, 60)} returns the same ${field} over ${before.transport} and ${between.transport}.`,
    seen: `Over ${before.transport}, before and after: ${shown(after)}. Over ${between.transport}, in between: ${shown(between)}.`,
    users: [after.invoke.user],
    tasks: [taskId],
    // Over which of the two it was read last is a matter of luck.
    shape: `GetTask ${field}`,
    evidence: [before.invoke, before.event, between.invoke, between.event, after.invoke, after.event],
  };
}
