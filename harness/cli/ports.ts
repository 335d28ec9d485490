/** `muster ports`: who has which ports of the range, so that "no block is left" can be looked into. It changes nothing. */
import { busyPorts, whoListens } from '../agents/listeners.ts';
import type { PortsPlan } from '../model/plan.ts';
import { LockFolderError } from '../ports/lock-folder.ts';
import { type BlockState, type Holder, type Survey, type SurveyedBlock, surveyPorts } from '../ports/survey.ts';
import { loadConfig } from './config.ts';
import { UsageError } from './exit-codes.ts';
import { type PortArguments, portsOf, warnOfPorts } from './ports-settings.ts';

const STATES: readonly BlockState[] = ['held', 'abandoned', 'spent', 'excluded', 'free'];
/** So many stretches of ports on one line. */
const STRETCHES_MAX = 4;

export async function ports(args: PortArguments & { readonly json: boolean }): Promise<number> {
  const { config, problems: wrong } = await loadConfig(args.config);
  const problems = [...wrong];
  const plan = portsOf(args, config, problems);
  if (problems.length > 0) {
    throw new UsageError(`Failed to look at ports:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  warnOfPorts(plan);
  const survey = await surveyPorts(plan, { busy: busyPorts, who: whoListens }).catch((error: unknown) => {
    throw error instanceof LockFolderError ? new UsageError(error.message) : error;
  });
  process.stdout.write(args.json ? `${JSON.stringify(toJson(plan, survey), null, 2)}\n` : toTable(plan, survey));
  return 0;
}

const countsOf = ({ blocks }: Survey): Readonly<Record<BlockState, number>> =>
  Object.fromEntries(
    STATES.map((state) => [state, blocks.filter((block) => block.state === state).length]),
  ) as Readonly<Record<BlockState, number>>;

function toJson({ exclude: _, ...range }: PortsPlan, survey: Survey): unknown {
  return { ...range, counts: { blocks: survey.blocks.length, ...countsOf(survey) }, ...survey };
}

/** One line for each owner and each state: as long as a range is wide, the table is short. */
export function toTable(plan: PortsPlan, survey: Survey): string {
  const lines = survey.blocks.length === 0 ? [] : [headline(plan, survey), ''];
  const rows = STATES.flatMap((state) => {
    const groups = Map.groupBy(
      survey.blocks.filter((block) => block.state === state),
      detailOf,
    );
    return [...groups].map(([detail, blocks]) => [
      state,
      `${blocks.length}`,
      stretchesOf(blocks, plan.spacing),
      detail,
    ]);
  });
  const elsewhere = Map.groupBy(survey.elsewhere, ({ holder }) => tellHolder(holder));
  for (const [detail, locked] of elsewhere) {
    const alone = locked.map(({ port }) => ({ first: port, last: port }));
    rows.push(['elsewhere', `${locked.length}`, stretchesOf(alone, 1), `${detail}; in no block of this range`]);
  }
  if (rows.length === 0) return 'No port is locked.\n';
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const [state = '', count = '', where = '', detail = ''] of rows) {
    const cells = [state.padEnd(widths[0] ?? 0), count.padStart(widths[1] ?? 0), where.padEnd(widths[2] ?? 0), detail];
    lines.push(`  ${cells.join('  ').trimEnd()}`);
  }
  return `${lines.join('\n')}\n`;
}

function headline({ first, last, block, spacing }: PortsPlan, survey: Survey): string {
  const counts = countsOf(survey);
  const told = STATES.filter((state) => counts[state] > 0 || state === 'free').map(
    (state) => `${counts[state]} ${state}`,
  );
  return `${first}-${last}: ${survey.blocks.length} blocks of ${block}, one every ${spacing} ports: ${told.join(', ')}`;
}

function detailOf({ state, holders, spent }: SurveyedBlock): string {
  if (state === 'held') return holders.map(tellHolder).join('; ');
  if (state === 'abandoned') return `${holders.map(tellHolder).join('; ')}; the next lease takes them over`;
  if (state !== 'spent') return '';
  return spent.map(({ port, by }) => `${port} by ${by ?? 'a program that muster cannot look into'}`).join('; ');
}

function tellHolder({ alive, pid, since, run }: Holder): string {
  if (pid === undefined) return alive ? 'by a lock that cannot be read' : 'by a lock that holds rubbish';
  const parts = [`by process ${pid}`];
  if (since !== undefined) parts.push(`since ${since.slice(0, 19).replace('T', ' ')} UTC`);
  if (run !== undefined) parts.push(`for ${run}`);
  return alive ? parts.join(' ') : `${parts.join(' ')}, which is dead`;
}

/** `5010-5034, 5100-5104`: from the first port to the last of blocks that follow one another, one every `step` ports. */
function stretchesOf(blocks: readonly { readonly first: number; readonly last: number }[], step: number): string {
  const stretches: { first: number; last: number; next: number }[] = [];
  for (const { first, last } of blocks) {
    const current = stretches.at(-1);
    if (current?.next === first) Object.assign(current, { last, next: first + step });
    else stretches.push({ first, last, next: first + step });
  }
  const shown = stretches
    .slice(0, STRETCHES_MAX)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  const more = stretches.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
