/** What the isolation strategies need of the machine that not every machine has: namespaces, and something that makes containers. */
import type { CheckupFinding } from '../../../model/checkup.ts';
import { containerEngines } from '../../../sessions/isolation/container-engines.ts';
import { whyNoNamespaces } from '../../../sessions/isolation/namespace.ts';
import { oneLine } from '../../init/card-hints.ts';
import { note, ok } from '../findings.ts';
import type { MachineExamination } from './machine.ts';

const REASON_MAX = 100;

export const isolation: MachineExamination = {
  area: 'isolation',
  title: 'Isolation',
  looks_at: 'whether namespaces can be made, and containers',
  examine: async () => [namespaceFinding(await whyNoNamespaces()), await containers()],
};

function namespaceFinding(why: string | undefined): CheckupFinding {
  const id = 'isolation/namespaces';
  const what = 'Linux namespaces';
  if (why === undefined) return ok(id, what, 'can be made');
  const advice =
    'Allow user namespaces (kernel.unprivileged_userns_clone, or AppArmor) if isolation-namespace is to run.';
  return note(id, what, oneLine(why, REASON_MAX), advice);
}

async function containers(): Promise<CheckupFinding> {
  const id = 'isolation/containers';
  const refusals: string[] = [];
  for (const { name, whyNot } of containerEngines) {
    const why = await whyNot();
    if (why === undefined) return ok(id, 'containers', `${name} answers`);
    refusals.push(`${name}: ${oneLine(why, REASON_MAX)}`);
  }
  const advice = 'Start containerd or Docker, and let this user speak to it, if isolation-container is to run.';
  return note(id, 'containers', refusals.join('; '), advice);
}
