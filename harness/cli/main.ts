/** The command line. Each verb has a file of its own; here they are named, and every way to fail gets its exit code. */
import yargs from 'yargs';
import { HistoryError } from '../history/error.ts';
import { RunFolderError } from '../run/folder.ts';
import { PORT_OPTIONS, planArguments } from './arguments.ts';
import { baseline } from './baseline.ts';
import { COMPARE_OPTIONS, compare } from './compare.ts';
import { doctorArguments } from './doctor/settings.ts';
import { doctor } from './doctor.ts';
import { EXIT, UsageError } from './exit-codes.ts';
import { init } from './init.ts';
import { judge, report } from './judge.ts';
import { list } from './list.ts';
import { loadArguments } from './load/arguments.ts';
import { load } from './load/load.ts';
import { merge } from './merge.ts';
import { plan } from './plan.ts';
import { ports } from './ports.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';
import { shrink } from './shrink.ts';
import { upArguments } from './up/settings.ts';
import { up } from './up.ts';
import { VERSION } from './version.ts';

const EXIT_CODES =
  'Exit codes: 0 pass, 1 findings, 2 inconclusive, 3 gate missed, 4 wrong usage, 5 muster itself failed, 130 interrupted.';

/** Longer than what ends by itself once a verb is done. */
const ENDING_MS_MAX = 3_000;

const DIRECTORY = {
  type: 'string',
  demandOption: true,
  describe: 'a run folder, such as reports/runs/latest',
} as const;

export async function main(argv: readonly string[]): Promise<void> {
  const verb = async (work: Promise<number>): Promise<void> => {
    process.exitCode = await work;
  };
  try {
    await yargs(argv)
      .scriptName('muster')
      .usage('$0 <verb>: how an A2A agent behaves when many users use it at once, and proof of it')
      .command(
        'init',
        "read an agent's card, try what it can be asked to do, and write a config",
        (y) =>
          y
            .option('command', {
              type: 'string',
              describe: "a command that starts your agent on $PORT; '{port}' is filled in",
            })
            .option('url', { type: 'string', describe: 'a deployed agent' })
            .option('fixture', { type: 'string', describe: 'an agent that muster brings along' })
            .option('users-file', {
              type: 'string',
              describe: 'JSON with the headers of real users; the first of them asks',
            })
            .option('out', { type: 'string', describe: 'the file; muster.config.mts unless given' })
            .option('force', { type: 'boolean', default: false, describe: 'overwrite the config that is there' }),
        (args) => verb(init(args)),
      )
      .command(
        'run [scenario..]',
        'plan, run, judge and report',
        (y) =>
          planArguments(y)
            .option('plan', { type: 'string', describe: 'a plan.json to carry out, instead of flags' })
            .option('out', { type: 'string', describe: 'the run folder; reports/runs/<time>-<name> unless given' })
            .option('shrink-for', {
              type: 'string',
              describe: 'how long to look for the smallest plan that brings each finding back, such as 60s',
            }),
        (args) => verb(run(args)),
      )
      .command(
        'load',
        'let users come as a profile says, and measure and judge what that does',
        loadArguments,
        (args) => verb(load(args)),
      )
      .command(
        'merge <segments..>',
        'make one run of the shards of a load, and judge the whole',
        (y) =>
          y
            .positional('segments', {
              type: 'string',
              array: true,
              demandOption: true,
              describe: 'the run folders of all shards, or the segment.json of each',
            })
            .option('out', { type: 'string', describe: 'the run folder; reports/runs/<time>-load unless given' }),
        (args) => verb(merge(args)),
      )
      .command(
        'compare <a> <b>',
        'hold one load against another: better, same or worse, and how sure that is',
        (y) =>
          y
            .positional('a', {
              type: 'string',
              demandOption: true,
              describe: 'the run folder of a load, or its segment.json',
            })
            .positional('b', { type: 'string', demandOption: true, describe: 'the same, of what is held against it' })
            .options(COMPARE_OPTIONS),
        (args) => verb(compare(args)),
      )
      .command(
        'plan [scenario..]',
        'write what would be done, and do nothing',
        (y) => planArguments(y).option('out', { type: 'string', describe: 'a file; standard output unless given' }),
        (args) => verb(plan(args)),
      )
      .command(
        'judge <dir>',
        'judge the history of a run again',
        (y) => y.positional('dir', DIRECTORY),
        (args) => verb(judge(args.dir)),
      )
      .command(
        'report <dir>',
        'write the reports of a run again',
        (y) => y.positional('dir', DIRECTORY),
        (args) => verb(report(args.dir)),
      )
      .command(
        'replay <dir>',
        'run the plan of a run again, and count how often its findings come back',
        (y) =>
          y
            .positional('dir', DIRECTORY)
            .option('times', { type: 'number', default: 5, describe: 'how often' })
            .option('finding', { type: 'number', describe: 'only this one, counted from 1 as in the report' }),
        (args) => verb(replay(args.dir, args.times, args.finding)),
      )
      .command(
        'shrink <dir>',
        'find the smallest plan that brings the findings of a run back, and say how often it does',
        (y) =>
          y
            .positional('dir', DIRECTORY)
            .option('for', { type: 'string', default: '60s', describe: 'how long it may take in all' })
            .option('finding', { type: 'number', describe: 'only this one, counted from 1 as in the report' }),
        (args) => verb(shrink(args)),
      )
      .command(
        'baseline <dir>',
        'write what a run found into a file of known findings, which `--baseline` accepts until their date',
        (y) =>
          y
            .positional('dir', DIRECTORY)
            .option('out', {
              type: 'string',
              describe:
                "the file, added to if it is there; the run's own baseline or muster.baseline.json unless given",
            })
            .option('reason', {
              type: 'string',
              describe: 'why they are accepted; to be written into the file unless given',
            })
            .option('until', {
              type: 'string',
              describe: 'their last day, such as 2026-12-31; 30 days from now unless given',
            })
            .option('prune', {
              type: 'boolean',
              default: false,
              describe: 'drop entries that this run could have seen and did not',
            }),
        (args) => verb(baseline(args)),
      )
      .command(
        'up [fixture..]',
        'boot sessions of agents on ports of their own, and keep them up until Ctrl-C',
        (y) => upArguments(y),
        (args) => verb(up(args)),
      )
      .command(
        'list',
        'scenarios, checks, faults, fixtures and reports',
        (y) =>
          y
            .option('json', { type: 'boolean', default: false, describe: 'for programs' })
            .option('config', { type: 'string', describe: 'a config file; muster.config.ts unless given' }),
        (args) => verb(list(args)),
      )
      .command(
        'ports',
        'who has which ports of the range: held, spent, excluded and free blocks',
        (y) => y.options(PORT_OPTIONS).option('json', { type: 'boolean', default: false, describe: 'for programs' }),
        (args) => verb(ports(args)),
      )
      .command(
        'doctor [agent]',
        'examine an agent and this machine: is it fit to be tested, and what is to be done',
        doctorArguments,
        (args) => verb(doctor(args)),
      )
      .demandCommand(
        1,
        'Name a verb: init, doctor, run, load, merge, compare, plan, judge, report, replay, shrink, baseline, up, list or ports',
      )
      .strict()
      .recommendCommands()
      .example("$0 run --command 'python agent.py'", 'your agent, on $PORT')
      .example('$0 run cancel-race --seed 7', 'one scenario, again')
      .example(
        '$0 load --url https://agent.example.com --allow-host agent.example.com --dry-run',
        'what a load would be',
      )
      .example('$0 up --sessions 20 --agents 3', 'twenty users, three agents each')
      .epilogue(EXIT_CODES)
      .version(VERSION)
      .help()
      .alias('help', 'h')
      .exitProcess(false)
      .fail((message, error) => {
        throw error ?? new UsageError(`${message}. \`muster --help\`, or --help after a verb, tells what there is.`);
      })
      .parseAsync();
  } catch (error) {
    process.exitCode = tell(error);
  }
  endAllTheSame();
}

/** What is left open keeps a process alive; nobody's CI is to wait for that until its own time is over. */
function endAllTheSame(): void {
  const end = (): void => {
    const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
    process.stderr.write(
      `muster: all is done, but something keeps the process alive (${open}). If it is not your config, it is a bug in muster.\n`,
    );
    process.exit();
  };
  setTimeout(end, ENDING_MS_MAX).unref();
}

function tell(error: unknown): number {
  if (error instanceof UsageError || error instanceof RunFolderError || error instanceof HistoryError) {
    process.stderr.write(`muster: ${error.message}\n`);
    return EXIT.usage;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(
    `muster: the harness itself failed; this is a bug in muster, and the following belongs in its issue.\n${detail}\n`,
  );
  return EXIT.harness;
}
