/**
 * What all benchmarks of loads stand on: a stub on the first core, whoever is measured on the second, so that neither takes CPU from the
 * other. Where there is one core they share it, and where the system cannot hold a process to a core they go where they like.
 */
import { availableParallelism } from 'node:os';
import { type Server, startServer } from './child.ts';
import type { StubCounts } from './load-stub.ts';

export const CORES = availableParallelism() > 1 ? { stub: '0', client: '1' } : { stub: '0', client: '0' };

export interface Stub extends Server {
  /** What it has answered so far. */
  readonly counts: () => Promise<StubCounts>;
}

export async function startStub(question: object = {}): Promise<Stub> {
  const server = await startServer('load-stub.ts', question, CORES.stub);
  return {
    ...server,
    counts: async () => (await (await fetch(`${server.url}/counts`)).json()) as StubCounts,
  };
}
