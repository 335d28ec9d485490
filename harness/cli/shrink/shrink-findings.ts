/** Shrinks one finding of a run after the other, each within its share of the time. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openWarden } from '../../agents/warden.ts';
import { reasonOf } from '../../model/reason-of.ts';
import type { RunRecord } from '../../model/record.ts';
import { liveFrom } from '../live.ts';
import { type FindingSettings, shrinkFinding } from './shrink-finding.ts';
import { SHRUNK } from './shrunk-files.ts';

export interface ShrinkSettings extends Pick<FindingSettings, 'plan' | 'folder' | 'for_ms' | 'signal' | 'say'> {
  readonly record: RunRecord;
  /** Only this one, counted from 1 as in the report; all that the baseline does not accept unless given. */
  readonly number?: number | undefined;
}

/** How many findings came back from a smaller plan. */
export async function shrinkFindings({ record, number, ...settings }: ShrinkSettings): Promise<number> {
  const { plan, folder, signal, say } = settings;
  const sought = record.scenarios
    .flatMap(({ name, findings }) => findings.map((finding) => ({ name, finding })))
    .map((each, index) => ({ ...each, number: index + 1 }))
    .filter((each) => (number === undefined ? each.finding.accepted !== true : each.number === number));
  const live = await liveFrom(plan);
  await using warden = await openWarden();
  const until_ms = performance.now() + settings.for_ms;
  let shrunk = 0;
  for (const [index, { name, finding, number }] of sought.entries()) {
    const for_ms = (until_ms - performance.now()) / (sought.length - index);
    const scenario = plan.scenarios.find((each) => each.name === name);
    if (signal.aborted || for_ms <= 0 || scenario === undefined) break;
    await rm(join(folder, SHRUNK, String(number)), { recursive: true, force: true });
    try {
      if (await shrinkFinding({ ...settings, scenario, finding, number, live, warden, for_ms })) shrunk += 1;
    } catch (error) {
      say(`finding ${number} could not be shrunk: ${reasonOf(error)}`);
    }
  }
  return shrunk;
}
