/** `muster list`: what there is, from the tables that everything else reads. */
import { listed } from '../../fixtures/table.ts';
import { reports } from '../../reports/table.ts';
import { scenarios } from '../../scenarios/table.ts';
import { checks } from '../checks/table.ts';
import { FAULTS } from '../faults/table.ts';
import { loadSoundConfig } from './config.ts';

export async function list(options: { readonly json: boolean; readonly config?: string | undefined }): Promise<number> {
  const config = await loadSoundConfig(options.config);
  const everything = {
    scenarios: [...scenarios, ...(config.scenarios ?? [])].map(({ name, title, family, needs }) => ({
      name,
      title,
      family,
      needs,
    })),
    checks: checks.map(({ name, title, section }) => ({ name, title, section })),
    faults: Object.entries(FAULTS).map(([name, { title, needs, attributes }]) => ({ name, title, needs, attributes })),
    fixtures: listed.map(({ name, title, phrasebook, caughtBy }) => ({
      name,
      title,
      behaviours: Object.keys(phrasebook),
      ...(caughtBy === undefined ? {} : { caught_by: caughtBy }),
    })),
    reports: reports.map(({ name, file }) => ({ name, title: file })),
  };
  if (options.json) {
    process.stdout.write(`${JSON.stringify(everything, null, 2)}\n`);
    return 0;
  }
  for (const [kind, entries] of Object.entries(everything)) {
    process.stdout.write(`${kind}\n`);
    const width = Math.max(...entries.map(({ name }) => name.length));
    for (const { name, title } of entries) process.stdout.write(`  ${name.padEnd(width)}  ${title}\n`);
  }
  return 0;
}
