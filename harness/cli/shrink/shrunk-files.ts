/**
 * What shrinking leaves in a run folder, and how reports come to know of it: `shrunk/<number>/` is a run folder of its own, and
 * `shrunk.json` in it says which finding it proves and how often.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../model/reason-of.ts';
import type { FindingRecord, RunRecord } from '../../model/record.ts';
import type { ShrunkRecord } from '../../model/shrunk-record.ts';
import { UsageError } from '../exit-codes.ts';

export const SHRUNK = 'shrunk';
const FILE = 'shrunk.json';

/** Which finding of the run it is; there is one of a kind in a scenario. */
export interface Proof extends ShrunkRecord, Pick<FindingRecord, 'check' | 'kind'> {
  readonly scenario: string;
}

export async function writeProof(folder: string, proof: Proof): Promise<void> {
  await writeFile(join(folder, proof.folder, FILE), `${JSON.stringify(proof, null, 2)}\n`);
}

/** The record of a run with what shrinking has left in its folder. */
export async function withProofs(record: RunRecord, folder: string): Promise<RunRecord> {
  const names = await readdir(join(folder, SHRUNK)).catch(() => []);
  const proofs = (await Promise.all(names.map((name) => readProof(join(folder, SHRUNK, name, FILE))))).flat();
  if (proofs.length === 0) return record;
  const scenarios = record.scenarios.map((scenario) => ({
    ...scenario,
    findings: scenario.findings.map((finding): FindingRecord => {
      const proof = proofs.find(
        ({ scenario: name, check, kind }) => name === scenario.name && check === finding.check && kind === finding.kind,
      );
      if (proof === undefined) return finding;
      const { scenario: _, check: _check, kind: _kind, ...shrunk } = proof;
      return { ...finding, shrunk };
    }),
  }));
  return { ...record, scenarios };
}

async function readProof(path: string): Promise<readonly Proof[]> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  // A shrinking that was killed has left no word.
  if (text === undefined) return [];
  try {
    return [JSON.parse(text)];
  } catch (error) {
    throw new UsageError(`Failed to read "${path}": ${reasonOf(error)}. Remove its folder, or shrink the run again`);
  }
}
