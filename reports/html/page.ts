/**
 * report.html: one file without scripts that works offline and from a disk. Chapters come in the order of a reader's
 * questions; a chapter with nothing to say is left out, and its link with it. The policy forbids everything but our
 * style sheet, so even markup that slipped through could load and run nothing.
 */
import type { RunRecord } from '../../harness/model/record.ts';
import { agents } from './agents.ts';
import { html, toText } from './escape.ts';
import { findings } from './findings.ts';
import { bar, type Chapter, headline, titleOf } from './head.ts';
import { isolation } from './isolation.ts';
import { known } from './known.ts';
import { load } from './load.ts';
import { loadRun } from './load-run.ts';
import { coverage, matrix } from './matrix.ts';
import { ports } from './ports.ts';
import { gates, thisRun, vitals } from './run.ts';
import { STYLE_HASH, styles } from './style.ts';

/** For every page that is made with `html` and `styles`. */
export const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'`;

function chaptersOf(record: RunRecord): readonly Chapter[] {
  const scenarios = { id: 'scenarios', title: 'Scenarios', linked: true, content: matrix(record) };
  const proved = { id: 'proved', title: 'Proved', linked: true, content: coverage(record) };
  const all: readonly Chapter[] = [
    { id: 'findings', title: 'Findings', linked: true, content: findings(record) },
    { id: 'known', title: 'Known', linked: true, content: known(record) },
    { id: 'under-load', title: 'Under load', linked: true, content: loadRun(record) },
    ...(record.verdict === 'fail' ? [scenarios, proved] : [proved, scenarios]),
    { id: 'isolation', title: 'Isolation', linked: true, content: isolation(record) },
    { id: 'load', title: 'Load', linked: true, content: load(record) },
    { id: 'agents', title: 'Agents', linked: true, content: agents(record) },
    { id: 'ports', title: 'Ports', linked: true, content: ports(record) },
    { id: 'harness', title: 'Harness', linked: false, content: vitals(record) },
    { id: 'gates', title: 'Gates', linked: false, content: gates(record) },
    { id: 'run', title: 'Run', linked: true, content: thisRun(record) },
  ];
  return all.filter(({ content }) => content !== null);
}

export function renderHtml(record: RunRecord): string {
  const chapters = chaptersOf(record);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${titleOf(record)}</title>
${styles}</head><body>
${bar(record, chapters)}
<main>${headline(record)}
${chapters.map(({ content }) => content)}</main></body></html>
`;
  return toText(page);
}
