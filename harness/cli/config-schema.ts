/** What a config file may hold, as a schema: every mistake is found at once, with its path and what is allowed there. */

import { z } from 'zod';
import { checks } from '../checks/table.ts';
import { canMatch, targetProblem } from '../faults/apply.ts';
import { attributeProblems } from '../faults/attributes.ts';
import type { Fault } from '../faults/fault.ts';
import { FAULTS } from '../faults/table.ts';
import { parseGate } from '../judge/gates.ts';
import { PROCESS_FAULTS } from '../model/fault-kinds.ts';
import { linksOf } from '../model/links.ts';
import { SERVERS_MAX, serverNames } from '../model/op.ts';
import { isPeer } from '../model/peers.ts';
import { AFTER_LEAVING, CONTEXTS, DURABLE, PRIVATE_HOOKS, SENT_AGAIN, TRANSPORT_CHOICES } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import { FAMILIES, type FaultName, TRIGGER_EVENTS } from '../model/scenario.ts';
import { ISOLATION_NAMES } from '../model/session.ts';
import { hostProblem } from '../plan/allowed-hosts.ts';
import { capsSchema, profileSchema } from './load/profile-schema.ts';
import { phrasebookSchema, word } from './phrasebook.ts';
import { strict } from './strict.ts';

const gate = z.string().superRefine((text, context) => {
  try {
    parseGate(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: reasonOf(error) });
  }
});

const hostName = z.string().superRefine((name, context) => {
  const problem = hostProblem(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const milliseconds = z.number().positive().max(3_600_000);
const port = z.number().int().min(1024).max(65_535);

const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

const later_ms = z.number().nonnegative().max(3_600_000).optional();

type Told = { readonly fault: FaultName; readonly target: string; readonly [name: string]: unknown };

/** The table of faults says what each may hold. */
function tellAttributes(plan: Told, context: z.RefinementCtx): void {
  if (isPeer(plan.target) && PROCESS_FAULTS.has(plan.fault)) {
    const message = `"${plan.fault}" needs a process, and the peer has none of its own; it must be an agent`;
    context.addIssue({ code: 'custom', path: ['target'], message });
  }
  const kind: Fault = FAULTS[plan.fault];
  for (const { path, message } of attributeProblems(plan, kind.attributes, canMatch(kind))) {
    context.addIssue({ code: 'custom', path: [...path], message });
  }
  const problem = targetProblem(kind, String(plan['target']), 'match' in plan);
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['target'], message: problem });
}

/** The seed draws when a fault of a swarm begins and how long it lasts. */
function tellDrawn(plan: Told, context: z.RefinementCtx): void {
  tellAttributes(plan, context);
  for (const name of ['begins', 'for_ms'].filter((each) => each in plan)) {
    context.addIssue({ code: 'custom', path: [name], message: 'the seed draws it; leave it out' });
  }
}

const fault = z
  .looseObject({
    fault: z.enum(FAULT_NAMES),
    target: z
      .string()
      .regex(
        /^((links-of-)?agent(-[2-6])?|peer(-[a-z][a-z0-9-]*)?)$/,
        'must be agent, peer, peer- and its name, one of agent-2 to agent-6, or the links-of- one of these agents',
      ),
    begins: z.union([
      strict({ at_ms: z.number().nonnegative(), later_ms }),
      strict({ after_stream_events: z.number().int().positive(), later_ms }),
      strict({ after_events: z.number().int().positive(), of: z.enum(TRIGGER_EVENTS), later_ms }),
    ]),
    for_ms: milliseconds,
    times: z.number().int().min(1).max(100).optional(),
    every_ms: milliseconds.optional(),
  })
  .superRefine(({ times = 1, every_ms, ...plan }, context) => {
    tellAttributes(plan, context);
    const problem = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (times > 1 && every_ms === undefined)
      problem('every_ms', 'it is missing, and says how long after the last the next of the `times` begins');
    if (times === 1 && every_ms !== undefined)
      problem('times', 'it is missing, and says how often it comes every `every_ms`');
    if (every_ms !== undefined && every_ms <= plan.for_ms) {
      problem(
        'every_ms',
        `it must be more than for_ms (${plan.for_ms}), so that the fault has healed before it comes again`,
      );
    }
  });

type Timed = Pick<z.infer<typeof fault>, 'fault' | 'target' | 'begins' | 'for_ms' | 'times' | 'every_ms'>;

/** Of those whose times are known: what is being started again cannot be frozen. */
function tellOverlaps(faults: readonly Timed[], context: z.RefinementCtx): void {
  const times = faults.flatMap(({ fault: name, target, begins, for_ms, times: rounds = 1, every_ms = 0 }, index) => {
    if (!PROCESS_FAULTS.has(name) || !('at_ms' in begins)) return [];
    const from = begins.at_ms + (begins.later_ms ?? 0);
    return Array.from({ length: rounds }, (_, round) => ({
      name,
      target,
      index,
      from: from + round * every_ms,
      to: from + round * every_ms + for_ms,
    }));
  });
  for (const [position, one] of times.entries()) {
    const other = times.slice(0, position).find(({ target, from, to, index }) => {
      return index !== one.index && target === one.target && from < one.to && one.from < to;
    });
    if (other === undefined) continue;
    context.addIssue({
      code: 'custom',
      path: [one.index, 'begins'],
      message: `"${one.name}" from ${one.from} to ${one.to} ms overlaps "${other.name}" on the same process (${other.from} to ${other.to} ms); let one end before the next begins`,
    });
  }
}

const swarm = strict({
  faults: z
    .array(
      z
        .looseObject({
          fault: z.enum(FAULT_NAMES),
          target: z.string().regex(/^(agent|peer(-[a-z][a-z0-9-]*)?)$/, 'must be agent, peer, or peer- and its name'),
        })
        .superRefine(tellDrawn),
    )
    .min(1),
  within_ms: milliseconds,
  for_ms: strict({ from: z.number().int().positive(), to: z.number().int().positive() }),
  leaves_out: z.number().min(0).max(1).optional(),
}).superRefine(({ for_ms: { from, to }, within_ms }, context) => {
  if (from > to) context.addIssue({ code: 'custom', path: ['for_ms'], message: `from (${from}) is above to (${to})` });
  if (to > within_ms) {
    context.addIssue({
      code: 'custom',
      path: ['for_ms', 'to'],
      message: `it must be at most within_ms (${within_ms})`,
    });
  }
});

const neighbour = z.discriminatedUnion('neighbour', [
  strict({ neighbour: z.literal('squatter'), blocks: z.number().int().positive() }),
  strict({ neighbour: z.literal('thief'), answers: z.array(z.enum(['silence', 'page', 'card'])).min(1) }),
  strict({ neighbour: z.literal('lessee'), processes: z.number().int().min(1).max(64) }),
  strict({ neighbour: z.literal('casualty') }),
]);

/** What a scenario may insist on. */
const EVIDENCE = checks.flatMap(({ name, aspects = [] }) => [
  name,
  ...(aspects === 'any' ? [] : aspects.map((each) => `${name}/${each}`)),
]);
const EVIDENCE_OF_ANY_KIND = new RegExp(
  `^(${checks.flatMap(({ name, aspects }) => (aspects === 'any' ? [name] : [])).join('|')})/[a-z][a-z0-9-]*$`,
);

const scenario = strict({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be kebab-case, such as "many-users"'),
  title: z.string().min(1),
  family: z.enum(FAMILIES),
  needs: z.array(word),
  capabilities: z.array(z.enum(['streaming', 'pushNotifications', 'ListTasks'])).optional(),
  identities: z.boolean().optional(),
  names: z.array(z.string().min(1).max(1_000).nullable()).min(2).max(100).optional(),
  blocks: z.union([z.number().int().positive(), z.literal('one-too-few')]).optional(),
  servers: z.number().int().min(2).max(SERVERS_MAX).optional(),
  isolation: z.enum(ISOLATION_NAMES).optional(),
  transports: z.literal('all').optional(),
  onlyNamed: z.literal(true).optional(),
  range: z.number().int().positive().optional(),
  neighbours: z.array(neighbour).optional(),
  process: z.literal('own').optional(),
  socket: z.enum(['handed-over', 'bound-by-agent']).optional(),
  measures: z.literal(true).optional(),
  descriptors: z.number().int().min(32).optional(),
  idle_ms_max: milliseconds.optional(),
  agentsHangUp: z.literal(true).optional(),
  users: z.number().int().min(1).max(10_000),
  devices: z.number().int().min(1).max(16).optional(),
  load: z.discriminatedUnion('shape', [
    strict({ shape: z.literal('closed') }),
    strict({ shape: z.literal('constant'), rate_per_s: z.number().positive() }),
    strict({ shape: z.literal('ramp'), from_per_s: z.number().positive(), to_per_s: z.number().positive() }),
  ]),
  faults: z.array(fault).superRefine(tellOverlaps).optional(),
  swarm: swarm.optional(),
  mustExercise: z.array(z.union([z.enum(EVIDENCE), z.string().regex(EVIDENCE_OF_ANY_KIND)])),
  script: z.function(),
}).superRefine(({ faults = [], servers = 0, process }, context) => {
  for (const [index, { target }] of faults.entries()) {
    const server = linksOf(target);
    if (server === undefined) continue;
    const problem = (message: string): void =>
      context.addIssue({ code: 'custom', path: ['faults', index, 'target'], message });
    if (!serverNames(servers).includes(server)) problem(`there is no ${server}; \`servers\` says how many there are`);
    if (process !== 'own') problem("only processes can be told to go through a proxy; add process: 'own'");
  }
});

export const configSchema = strict({
  command: z.string().min(1).optional(),
  url: z.url().optional(),
  crew: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be kebab-case, as kitchen'), z.string().min(1)).optional(),
  toxiproxy: z.url().optional(),
  mode: z.enum(['real', 'simulated']).optional(),
  fallback: z.literal('simulated').optional(),
  socketActivation: z.boolean().optional(),
  transport: z.enum(TRANSPORT_CHOICES).optional(),
  identity: z.enum(['anonymous', 'bearer']).optional(),
  usersFile: z.string().optional(),
  phrasebook: phrasebookSchema.optional(),
  gates: z.array(gate).optional(),
  baseline: z.string().min(1).optional(),
  policy: z
    .strictObject({
      answer_ms_max: milliseconds,
      cancel_ms_max: milliseconds,
      stream_close_ms_max: milliseconds,
      settle_ms_max: milliseconds,
      recovery_ms_max: milliseconds,
      join_ms_max: milliseconds,
      peer_attempts_max: z.number().int().positive().max(1_000_000),
      sent_again: z.enum(SENT_AGAIN),
      after_leaving: z.enum(AFTER_LEAVING),
      contexts: z.enum(CONTEXTS),
      durable: z.enum(DURABLE),
      fair_index_min: z.number().min(0).max(1),
      stall_ms_max: milliseconds,
      kept_kb_max: z.number().int().positive().max(1_000_000),
      push_ms_max: milliseconds,
      private_hooks: z.enum(PRIVATE_HOOKS),
      harness_lag_ms_max: milliseconds,
      harness_wait_percent_max: z.number().min(1).max(100),
    })
    .partial()
    .optional(),
  limits: z
    .strictObject({
      in_flight_max: z.number().int().positive(),
      answer_bytes_max: z.number().int().positive(),
      stream_events_max: z.number().int().positive(),
      scenario_ms_max: milliseconds,
      ready_ms_max: milliseconds,
    })
    .partial()
    .optional(),
  ports: z
    .strictObject({
      from: z.enum(['range', 'os']),
      first: port,
      last: port,
      block: z.number().int().min(1).max(100),
      spacing: z.number().int().min(1).max(1000),
      exclude: z.array(z.number().int().min(1).max(65_535)),
    })
    .partial()
    .optional(),
  scenarios: z.array(scenario).optional(),
  load: strict({
    allowed_hosts: z.array(hostName).optional(),
    caps: capsSchema.optional(),
    profiles: z
      .record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be kebab-case, such as "every-night"'), profileSchema)
      .optional(),
  }).optional(),
});
