/** A load in the terminal: what was asked for and what came of it, one thing a line, and muster's own health last. */
import type { RunRecord } from '../../harness/model/record.ts';
import { generatorWords, loadFacts, loadOf, loadWords, sharingWords, streamWords } from '../load.ts';

/** The first is how the load was made; then figures with what they are. None where there was no load. */
export function loadLines(record: RunRecord): readonly string[] {
  const loaded = loadOf(record);
  if (loaded === undefined) return [];
  const { load } = loaded;
  const beside = [...streamWords(load), ...sharingWords(load)].map(([what, told]) => `${what}: ${told}`);
  const own = generatorWords(load, record).map(([what, told]) => `${what} ${told}`);
  return [
    loadWords(load),
    ...loadFacts(load).map(([figure, words]) => `${figure}  ${words}`),
    ...beside,
    `muster itself: ${own.join('; ')}`,
  ];
}
