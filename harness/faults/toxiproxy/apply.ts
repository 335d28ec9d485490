/** A planned fault as toxics of a real Toxiproxy server: hurt by adding them, healed by taking them off. */
import type { FaultPlan } from '../../model/scenario.ts';
import type { AppliedFault } from '../fault.ts';
import { inflict } from '../inflict.ts';
import type { ToxicFront } from './server.ts';
import type { ToxicWork } from './toxics.ts';

/** Nobody counts what a toxic meets, so it cannot say that it met nothing. */
export function applyToxics(
  plan: FaultPlan,
  work: Exclude<ToxicWork, { readonly kind: 'cannot' }>,
  front: ToxicFront,
  signal: AbortSignal,
): Promise<AppliedFault> {
  let undo: AsyncDisposable | undefined;
  const words = `Toxiproxy ${work.kind === 'shut' ? 'disables its proxies' : `adds ${describe(work.toxics)}`}`;
  const bite = async (): Promise<string> => {
    undo = await (work.kind === 'shut' ? front.shut() : front.add(work.toxics));
    return words;
  };
  const heal = async (): Promise<string> => {
    if (undo === undefined) return 'it was never in force';
    await undo[Symbol.asyncDispose]();
    return work.kind === 'shut' ? 'its proxies are enabled again' : 'its toxics are taken off again';
  };
  return inflict(`apply "${plan.fault}" through Toxiproxy`, { bite, heal }, signal);
}

function describe(toxics: readonly { type: string; stream: string; attributes: object }[]): string {
  return toxics.map(({ type, stream, attributes }) => `${type} ${stream} ${JSON.stringify(attributes)}`).join(' and ');
}
