/**
 * What a user of the library may import: the words of a scenario, sessions of agents, and the types of what muster writes.
 * Everything else may change from version to version.
 */
export type { MusterConfig } from './cli/config.ts';
export { type OpenSessionsOptions, openSessions } from './cli/open-sessions.ts';
export type * from './model/a2a.ts';
export type { HistoryEvent } from './model/history.ts';
export type { HookBehaviour, HookCredentials } from './model/hooks.ts';
export type { Completion, Op, OpError, Outcome, Script } from './model/op.ts';
export type { Phrasebook } from './model/phrasebook.ts';
export type { Plan } from './model/plan.ts';
export type { RunRecord, Verdict } from './model/record.ts';
export type {
  Act,
  FaultPlan,
  LoadProfile,
  Scenario,
  ScheduledFault,
  ScriptContext,
  Swarm,
} from './model/scenario.ts';
export type * from './model/session.ts';
export { defineScenario } from './script/define-scenario.ts';
export * from './script/vocabulary.ts';
