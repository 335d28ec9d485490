/** From settings to a checkup: the agent, if there is one, then the machine, and what both come to. */
import type { Checkup } from '../../model/checkup.ts';
import { VERSION } from '../version.ts';
import type { Sent } from './agent/patient.ts';
import { EXIT_OF, fitnessOf } from './findings.ts';
import { lookAtAgent } from './look-at-agent.ts';
import { examineMachine } from './machine/examine-machine.ts';
import type { DoctorSettings } from './settings.ts';

export interface CheckUpOptions extends DoctorSettings {
  readonly signal: AbortSignal;
}

export async function checkUp(options: CheckUpOptions): Promise<Checkup> {
  const started = new Date();
  const began_ms = performance.now();
  const { target, ports, signal } = options;
  const sent: Sent = { requests: 0, messages: 0, cancels: 0 };
  const seen = target === undefined ? undefined : await lookAtAgent({ ...options, target }, sent);
  const without_ports = target === undefined || target.kind === 'url' ? 'part' : 'all';
  const chapters = [...(seen?.chapters ?? []), ...(await examineMachine({ ports, without_ports, signal }))];
  const fitness = fitnessOf(chapters.flatMap(({ findings }) => findings));
  return {
    schema: 'muster.checkup/1',
    muster: VERSION,
    started_at: started.toISOString(),
    took_ms: Math.round(performance.now() - began_ms),
    fitness,
    exit_code: EXIT_OF[fitness],
    target: seen?.target ?? null,
    sent,
    chapters,
  };
}
