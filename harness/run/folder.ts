/** The run folder: where it lies, what is in it, and the `latest` link beside it. docs/RESULTS.md tells each file. */
import { readFile, rename, symlink, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PLAN_SCHEMA, type Plan } from '../model/plan.ts';
import { reasonOf } from '../model/reason-of.ts';
import { makeFolder } from './make-folder.ts';

export const FILES = {
  plan: 'plan.json',
  history: 'history.jsonl',
  /** Only of a load: what was measured of users who are not in the history. */
  metrics: 'metrics.json',
  verdict: 'verdict.json',
  /** Only of a load. */
  segment: 'segment.json',
  /** Only of a load that k6 makes: what it measured, and what it said. */
  k6_samples: 'k6-samples.json.gz',
  k6_log: 'k6-log.jsonl',
  agents: 'agents',
} as const;

/** Thrown for a folder that is no readable run. The message says what to do. */
export class RunFolderError extends Error {
  override name = 'RunFolderError';
}

/**
 * Makes `<parent>/<stamp>-<name>` and points `<parent>/latest` at it, if so asked; or exactly `folder`, where one is asked for.
 * A folder that holds a run already is refused, so that nothing is lost.
 */
export async function makeRunFolder(
  where:
    | { readonly folder: string }
    | { readonly parent: string; readonly name: string; readonly now: Date; readonly latest: boolean },
): Promise<string> {
  const folder = 'folder' in where ? where.folder : join(where.parent, `${stampOf(where.now)}-${where.name}`);
  try {
    await makeFolder(join(folder, FILES.agents));
  } catch (error) {
    throw new RunFolderError(
      `Failed to make the run folder "${folder}": ${reasonOf(error)}. Give another with --out DIR`,
    );
  }
  const occupied = await readFile(join(folder, FILES.plan)).then(
    () => true,
    () => false,
  );
  if (occupied) {
    throw new RunFolderError(
      `Failed to use "${folder}": it holds a run already, which would be lost. Give another with --out DIR`,
    );
  }
  if ('parent' in where && where.latest) await pointLatestAt(folder);
  return folder;
}

export async function writePlan(folder: string, plan: Plan): Promise<void> {
  await writeFile(join(folder, FILES.plan), `${JSON.stringify(plan, null, 2)}\n`);
}

export async function writeMetrics(folder: string, metrics: unknown): Promise<void> {
  await writeFile(join(folder, FILES.metrics), `${JSON.stringify(metrics)}\n`);
}

export async function readPlan(folder: string): Promise<Plan> {
  const path = join(folder, FILES.plan);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new RunFolderError(
      `Failed to read "${path}": there is no plan there. Name a run folder, such as reports/runs/latest, that \`muster run\` has made`,
    );
  });
  return parsePlan(text, path);
}

/** `path` is only for the error's sentence. */
export function parsePlan(text: string, path: string): Plan {
  let plan: unknown;
  try {
    plan = JSON.parse(text);
  } catch (error) {
    throw new RunFolderError(
      `Failed to read the plan "${path}": ${reasonOf(error)}. Make it again with \`muster plan\``,
    );
  }
  const schema = plan !== null && typeof plan === 'object' && 'schema' in plan ? plan.schema : undefined;
  if (schema !== PLAN_SCHEMA) {
    throw new RunFolderError(
      `Failed to read the plan "${path}": its schema is ${JSON.stringify(schema)}, and this muster reads "${PLAN_SCHEMA}". Use the muster that made it`,
    );
  }
  return plan as Plan;
}

/** `2026-11-21T09-30-00.123Z`: sorts by time, and is a file name everywhere. */
function stampOf(now: Date): string {
  return now.toISOString().replaceAll(':', '-');
}

/** Two runs that end up here at once must not trip over each other, so the link is made aside and moved into place. */
async function pointLatestAt(folder: string): Promise<void> {
  const aside = join(dirname(folder), `.latest-${process.pid}`);
  try {
    await unlink(aside).catch(() => {});
    await symlink(basename(folder), aside);
    await rename(aside, join(dirname(folder), 'latest'));
  } catch {
    // Without the right to make links (Windows) there is no `latest`; the run folder's own path is printed all the same.
  }
}
