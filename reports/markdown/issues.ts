/**
 * issues.md: each mistake that a run showed as the text of an issue, to be pasted where the agent's maintainers read. Who reads it has
 * neither the run nor muster, so it says all by itself what was expected and by whom, what was seen, and how to see it again.
 */
import type { FindingRecord, RunRecord } from '../../harness/model/record.ts';
import { tellUsers } from '../called.ts';
import { openFindings } from '../known.ts';
import { count, listed } from '../measure.ts';
import { type Mistake, mistakesOf } from '../outcome.ts';
import { shrinkingWords } from '../shrunk.ts';
import { targetWords, tellPeerCall, tellWhere } from '../tell.ts';
import { clip, shortId } from '../visible.ts';
import { fenced, plain } from './escape.ts';
import { sequence } from './sequence.ts';

const MISTAKES_MAX = 20;
const EVENT_LETTERS_MAX = 2_000;
const SPECIFICATION = 'https://a2a-protocol.org/latest/specification/';

/** Nothing where there is nothing to tell anybody. */
export function renderIssues(record: RunRecord): string | null {
  const mistakes = mistakesOf(openFindings(record));
  if (mistakes.length === 0) return null;
  const shown = mistakes.slice(0, MISTAKES_MAX).map((mistake) => issue(record, mistake));
  const rest = mistakes.length - shown.length;
  return `${[...shown, ...(rest > 0 ? [`${count(rest, 'more mistake')} in report.html.`] : [])].join('\n\n---\n\n')}\n`;
}

function issue(record: RunRecord, { first: { finding, scenario }, also }: Mistake): string {
  const picture = sequence(finding);
  const events = finding.evidence.map((event) => clip(JSON.stringify(event), EVENT_LETTERS_MAX));
  return [
    `## ${plain(clip(finding.message, 200))}`,
    fenced('text', facts(record, finding, also === '' ? scenario.name : `${scenario.name}, ${also}`)),
    basis(finding),
    'Make it happen again:',
    fenced('sh', clip(finding.shrunk?.replay ?? finding.replay, 2_000)),
    ...(finding.shrunk === undefined
      ? []
      : [`That is the smallest plan that was found: ${plain(shrinkingWords(finding.shrunk))}.`]),
    ...(picture === null ? [] : ['What happened:', fenced('mermaid', picture)]),
    `<details><summary>${count(events.length, 'event')} as recorded</summary>\n\n${fenced('json', events.join('\n'))}\n\n</details>`,
  ].join('\n\n');
}

function facts({ run, seed }: RunRecord, finding: FindingRecord, where: string): string {
  const who = tellUsers(finding, 5);
  const tasks = finding.tasks.length === 0 ? '' : `; task ${listed(finding.tasks.map(shortId), 5)}`;
  const rows: readonly (readonly [string, string])[] = [
    ['expected', finding.expected],
    ['seen', finding.seen],
    ['who', `${who || 'nobody in particular'}${tasks}`],
    ...(finding.at === undefined ? [] : [['where', tellWhere(finding.at)] as const]),
    ...(finding.peer_calls ?? []).map((call) => ['caused', tellPeerCall(call)] as const),
    ['how often', `${count(finding.occurrences, 'time')}, in ${where}`],
    ['agent', `${run.agent ?? targetWords(run.target)}, seed ${seed}`],
  ];
  return rows.map(([name, text]) => `${name.padEnd(9)} ${clip(text, 1_000)}`).join('\n');
}

function basis({ check, spec }: FindingRecord): string {
  return spec === undefined
    ? `Found by the check ${plain(check)} of Muster, which rests on what the agent promises its users and not on the A2A specification.`
    : `Found by the check ${plain(check)} of Muster. The [A2A specification](${SPECIFICATION}) says so in ${plain(spec)}.`;
}
