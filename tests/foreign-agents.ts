/**
 * Agents that were made with SDKs other than the one of this repository, and what gets each of them ready. Whoever lacks the language is told so; with MUSTER_CI
 * set that is a failure, for a skipped test would go unnoticed there.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { quote } from '../harness/cli/flags.ts';
import { ROOT } from './muster.ts';

const INSTALL_MS_MAX = 240_000;

interface Run {
  readonly transport: 'jsonrpc' | 'rest' | 'grpc';
  readonly scenarios: readonly string[];
}

/** Each scenario costs a start, which takes a second in Python: so every transport has its own. */
const ALL_TRANSPORTS: readonly Run[] = [
  { transport: 'jsonrpc', scenarios: ['access-matrix', 'subscribe-late'] },
  { transport: 'rest', scenarios: ['many-users'] },
  { transport: 'grpc', scenarios: ['cancel-race'] },
];

export interface ForeignAgent {
  readonly name: string;
  /** Its folder, which holds what `install` runs and `known-findings.json`. */
  readonly folder: string;
  readonly needs: string;
  readonly command: string;
  readonly runs: readonly Run[];
}

const path = (...names: readonly string[]): string => quote(join(ROOT, ...names));

/** Its SDK is of A2A 0.3, and knows no owners of tasks. */
export const agentOf03: ForeignAgent = {
  name: 'A2A 0.3',
  folder: join(ROOT, 'fixtures/a2a-0.3'),
  needs: 'npm and its registry',
  command: `node ${path('.cache/a2a-0.3/agent.mjs')}`,
  runs: [{ transport: 'jsonrpc', scenarios: ['many-users', 'cancel-race', 'subscribe-late', 'answer-lost'] }],
};

export const foreignAgents: readonly ForeignAgent[] = [
  {
    name: 'Python',
    folder: join(ROOT, 'fixtures/python'),
    needs: 'Python 3.10 or later with venv, and PyPI',
    command: `${path('.cache/python-agent/bin/python')} ${path('fixtures/python/agent.py')}`,
    runs: ALL_TRANSPORTS,
  },
  {
    name: 'Go',
    folder: join(ROOT, 'fixtures/go'),
    needs: 'Go 1.25 or later, and a Go module proxy',
    command: path('.cache/go-agent/agent'),
    runs: ALL_TRANSPORTS,
  },
  {
    name: 'Rust',
    folder: join(ROOT, 'fixtures/rust'),
    needs: 'Cargo with Rust 1.88 or later, a C compiler, and crates.io',
    command: path('.cache/rust-agent/agent'),
    runs: ALL_TRANSPORTS,
  },
  {
    name: 'Java',
    folder: join(ROOT, 'fixtures/java'),
    needs: 'Java 17 or later, Maven, and Maven Central',
    command: `java -XX:TieredStopAtLevel=1 -jar ${path('.cache/java-agent/quarkus-app/quarkus-run.jar')}`,
    // A2A 0.3, where muster speaks JSON-RPC alone.
    runs: [{ transport: 'jsonrpc', scenarios: ['many-users', 'access-matrix'] }],
  },
];

/** Installs what is not there yet. Why it cannot be; nothing where it is there. */
export function whyNot({ name, folder, needs }: ForeignAgent): string | undefined {
  const script = join(folder, 'install');
  try {
    execFileSync('sh', [script], { timeout: INSTALL_MS_MAX, stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const said = String((error as { readonly stderr?: unknown }).stderr ?? '').trim();
    const reason = `Failed to get the agent in ${name} ready: it needs ${needs}. \`sh ${script}\` says: ${said.slice(-600) || error}`;
    if (process.env['MUSTER_CI'] !== undefined) throw new Error(reason);
    return reason;
  }
}
