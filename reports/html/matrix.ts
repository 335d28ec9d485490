/** Which check held in which scenario, at a glance, with how often each could have failed; and why the rest says nothing. */
import type { CheckRecord, CheckStatus, RunRecord } from '../../harness/model/record.ts';
import { heldChecks, unjudged } from '../coverage.ts';
import { onlyAccepted } from '../known.ts';
import { count, listed, whole } from '../measure.ts';
import { clip, visible } from '../visible.ts';
import { type Content, type Html, html, unfolding } from './escape.ts';
import { section } from './section.ts';

type Sign = readonly [sign: string, style: string, words: string];

const SIGNS: Readonly<Record<CheckStatus, Sign>> = {
  held: ['●', 'held', 'held'],
  violated: ['×', 'violated', 'violated'],
  'no-evidence': ['○', 'none', 'no evidence'],
  crashed: ['!', 'crashed', 'the check crashed'],
};
const ACCEPTED: Sign = ['⊗', 'known', 'violated, and accepted by the baseline'];
const NOT_APPLICABLE: Sign = ['–', 'none', 'not applicable'];

const LEGEND: readonly (readonly [string, string])[] = [
  ['●', 'held, with evidence'],
  ['×', 'violated'],
  ['⊗', 'violated, and accepted by the baseline'],
  ['○', 'no evidence: proves nothing'],
  ['–', 'not applicable'],
  ['!', 'the check crashed'],
];

function signOf(record: CheckRecord | undefined, isKnown: boolean): Sign {
  if (record === undefined) return NOT_APPLICABLE;
  return isKnown ? ACCEPTED : (SIGNS[record.status] ?? SIGNS.crashed);
}

function cell(name: string, record: CheckRecord | undefined, isKnown: boolean): Html {
  const [sign, style, words] = signOf(record, isKnown);
  const evidence =
    record === undefined || record.evidence === 0 ? '' : `, could have failed ${count(record.evidence, 'time')}`;
  const told = `${clip(name, 60)}: ${words}${evidence}${record?.note === undefined ? '' : `; ${clip(record.note, 200)}`}`;
  return html`<td class="${style}" title="${told}"><span aria-hidden="true">${sign}</span><span class="unseen">${words}${evidence}</span></td>`;
}

function row(scenario: RunRecord['scenarios'][number], names: readonly string[], index: number): Html {
  const byName = new Map(scenario.checks.map((check) => [check.check, check]));
  const verdict = scenario.verdict === 'not-applicable' ? 'not applicable' : scenario.verdict;
  const name = clip(visible(scenario.name), 40);
  const head = scenario.metrics === null ? html`${name}` : html`<a href="#load-${index}">${name}</a>`;
  return html`<tr><th scope="row" title="${clip(scenario.title, 200)}">${head}</th><td class="verdict"><span class="word ${wordStyle(scenario.verdict)}">${verdict}</span></td>${names.map((check) => cell(check, byName.get(check), onlyAccepted(scenario, check)))}</tr>`;
}

/** A verdict comes from a file and is put into an attribute: only words known here pass. */
export function wordStyle(verdict: string): string {
  if (verdict === 'pass' || verdict === 'met') return 'good';
  if (verdict === 'fail' || verdict === 'missed') return 'bad';
  return verdict === 'not-applicable' ? 'mute' : 'warn';
}

export function matrix(record: RunRecord): Content {
  if (record.scenarios.length === 0) return null;
  const names = [...new Set(record.scenarios.flatMap(({ checks }) => checks.map(({ check }) => check)))];
  return section('scenarios', 'Scenarios and checks', [
    html`<div class="scroll" tabindex="0"><table class="matrix"><thead><tr><th scope="col">scenario</th><th scope="col" class="verdict">verdict</th>${names.map(
      (name) => html`<th scope="col" class="tall"><span>${clip(visible(name), 32)}</span></th>`,
    )}</tr></thead><tbody>${record.scenarios.map((each, index) => row(each, names, index))}</tbody></table></div>`,
    html`<p class="mute legend">${LEGEND.filter(([sign]) => sign !== ACCEPTED[0] || record.baseline !== undefined).map(([sign, words]) => html`<span><b>${sign}</b> ${words}</span>`)}</p>`,
  ]);
}

/** What this run proved, and what it did not: a pass is worth only the first list. */
export function coverage(record: RunRecord): Content {
  const held = heldChecks(record);
  const open = unjudged(record);
  if (held.length + open.length === 0) return null;
  const proved = held.map(
    ({ check, evidence, scenarios }) =>
      html`<li><b>${unfolding(check, 60)}</b> <span class="mute">could have failed ${count(evidence, 'time')}, in ${count(scenarios, 'scenario')}</span></li>`,
  );
  const unproved = open.map(
    ({ kind, names, why }) =>
      html`<li><span class="mute">${names.length === 1 ? kind : `${kind}s`}</span> <b>${unfolding(listed(names, 30), 400)}</b>: <span class="mute">${unfolding(why, 300)}</span></li>`,
  );
  return section('proved', 'What this run proved, and what it did not', [
    html`<div class="two"><div class="card"><h3>Held everywhere <span class="mute">${whole(held.length)}</span></h3><ul class="ticks">${proved}</ul>${held.length === 0 && html`<p class="mute">No check held everywhere.</p>`}</div>`,
    html`<div class="card"><h3>Not judged <span class="mute">${whole(open.flatMap(({ names }) => names).length)}</span></h3><ul class="rings">${unproved}</ul>${open.length === 0 && html`<p class="mute">Everything was judged.</p>`}</div></div>`,
  ]);
}
