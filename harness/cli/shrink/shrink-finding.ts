/**
 * Makes the failing run smaller for one finding, within a time: tries smaller plans, and then measures how often the smallest comes
 * back. What was reached until then is kept, whoever interrupts it.
 */
import { join } from 'node:path';
import { readHistory } from '../../history/read.ts';
import { replayLine } from '../../judge/replay.ts';
import type { HistoryEvent } from '../../model/history.ts';
import type { Only } from '../../model/plan.ts';
import type { ShrunkRecord } from '../../model/shrunk-record.ts';
import { FILES } from '../../run/folder.ts';
import { type Shrunk, shrink } from '../../shrink/shrink.ts';
import { findSuspects, type Suspects } from '../../shrink/suspects.ts';
import { readRun } from '../judge.ts';
import { writeReports, writeVerdict } from '../results.ts';
import { openProofs, type ProofSettings, type Proofs, smallerPlan } from './proofs.ts';
import { writeProof } from './shrunk-files.ts';
import { sizeOf, wordsFor } from './size.ts';
import { countOps } from './try-plan.ts';

export interface FindingSettings extends ProofSettings {
  readonly for_ms: number;
  readonly say: (line: string) => void;
}

/** The rest of the time is for measuring how often the smallest comes back. */
const REDUCING = 0.75;
const MEASURED_MAX = 5;

/** Whether it came back from anything smaller; then its proof is in the run folder. */
export async function shrinkFinding(settings: FindingSettings): Promise<boolean> {
  const { scenario, finding, number, for_ms, say } = settings;
  const began_ms = performance.now();
  const suspects = findSuspects(eventsOf(settings), finding);
  const of = sizeOf({}, suspects.whole, scenario);
  const fingerprint = finding.fingerprints[0] ?? finding.check;
  say(`finding ${number}, ${fingerprint}: ${wordsFor(of)}, for at most ${Math.round(for_ms / 1000)} s`);
  const proofs = openProofs(settings);
  const shrunk = await reduce(settings, proofs, suspects, began_ms + REDUCING * for_ms);
  const measured = await measure(shrunk, (only) => proofs.tryAfresh(only, began_ms + for_ms));
  if (measured === undefined) {
    say(`  nothing smaller brought it back, in ${shrunk.tries} tries of ${shrunk.candidates} plans`);
    return false;
  }
  const { only, reproduced, tries } = measured;
  const kept = join(settings.folder, proofs.place);
  // What was seen in this process only was left as soon as it was seen, and has no reports yet.
  if (reproduced === 0) {
    const run = await readRun(kept);
    await writeVerdict(kept, run.verdict);
    await writeReports(kept, run.record);
  }
  const record: ShrunkRecord = {
    folder: proofs.place,
    replay: replayLine(smallerPlan(settings.plan, scenario, only), scenario.name),
    ...sizeOf(only, suspects.whole, scenario),
    ops: countOps(join(kept, FILES.history)),
    of,
    reproduced,
    tries,
    tries_all: shrunk.tries + tries,
    took_ms: Math.round(performance.now() - began_ms),
    ended: settings.signal.aborted ? 'interrupted' : shrunk.finished ? 'smallest' : 'time',
  };
  await writeProof(settings.folder, { scenario: scenario.name, check: finding.check, kind: finding.kind, ...record });
  const rate = tries === 0 ? 'not tried in a fresh run' : `came back in ${reproduced} of ${tries} fresh runs`;
  say(`  ${wordsFor(record)}: ${rate}; ${shrunk.tries} tries before`);
  say(`  ${record.replay}`);
  return true;
}

function reduce(
  { scenario, signal, say }: FindingSettings,
  proofs: Proofs,
  suspects: Suspects,
  until_ms: number,
): Promise<Shrunk> {
  return shrink({
    start: { ...suspects, faults: scenario.faults.length, is_at_once: scenario.load.shape === 'closed' },
    tryPlan: (only, times) => proofs.tryHere(only, times, until_ms),
    isOver: () => signal.aborted || performance.now() >= until_ms,
    onTried: ({ only, failed, tries }) => {
      const times = tries === 1 ? 'at once' : `in try ${tries}`;
      if (failed) say(`  ${wordsFor(sizeOf(only, suspects.whole, scenario))}: came back ${times}`);
    },
  });
}

interface Measured {
  readonly only: Only;
  readonly reproduced: number;
  readonly tries: number;
}

/** Of the smallest that comes back; of the smallest of all where none does, or no time is left. Nothing where there is none. */
async function measure(
  { smallest }: Shrunk,
  tryAfresh: (only: Only) => Promise<boolean | undefined>,
): Promise<Measured | undefined> {
  let first: Measured | undefined;
  for (const only of smallest) {
    let reproduced = 0;
    let tries = 0;
    while (tries < MEASURED_MAX) {
      const came = await tryAfresh(only);
      if (came === undefined) break;
      tries += 1;
      if (came) reproduced += 1;
    }
    first ??= { only, reproduced, tries };
    if (reproduced > 0) return { only, reproduced, tries };
    if (tries < MEASURED_MAX) break;
  }
  return first;
}

function* eventsOf({ folder, scenario }: FindingSettings): Iterable<HistoryEvent> {
  for (const event of readHistory(join(folder, FILES.history))) if (event.scenario === scenario.name) yield event;
}
