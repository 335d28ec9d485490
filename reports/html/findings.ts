/** A card per finding, in the order in which a reader asks: what, why it is wrong, who, how to see it again, the proof. */
import type { HistoryEvent } from '../../harness/model/history.ts';
import type { FindingRecord, RunRecord } from '../../harness/model/record.ts';
import { tellUsers } from '../called.ts';
import { baselineWords, openFindings } from '../known.ts';
import { count, listed, whole } from '../measure.ts';
import type { PlacedFinding } from '../outcome.ts';
import { shrunkWords } from '../shrunk.ts';
import { tellPeerCall, tellWhere } from '../tell.ts';
import { shortId, visible } from '../visible.ts';
import { contradictionOf, contradictionTable } from './contradiction.ts';
import { diagram } from './diagram.ts';
import { block, type Content, type Html, html, unfolding } from './escape.ts';
import { command, facts, section } from './section.ts';

const CARDS_MAX = 40;
const EVENT_LETTERS_MAX = 60_000;

/** Ids as people read them, and in full where they were shortened. */
function names(ids: readonly string[]): Html {
  const shown = listed(ids.map(shortId), 6);
  const shortened = ids.length > 6 || ids.some((id) => shortId(id) !== visible(id));
  const words = ids.length === 1 ? 'full id' : `${ids.length} full ids`;
  const all = html` <details class="all"><summary>${words}</summary><pre>${block(ids.join('\n'))}</pre></details>`;
  return html`${shown}${shortened && all}`;
}

function who({ users, names: called, tasks }: FindingRecord): Html {
  const task = tasks.length === 1 ? 'task' : 'tasks';
  const told = called === undefined ? names(users) : html`${tellUsers({ users, names: called }, 6)}`;
  return html`${users.length === 0 ? 'nobody in particular' : told}${tasks.length > 0 && html`, ${task} ${names(tasks)}`}`;
}

function eventText(event: HistoryEvent): string {
  const text = JSON.stringify(event, null, 2);
  if (text.length <= EVENT_LETTERS_MAX) return text;
  const rest = whole(text.length - EVENT_LETTERS_MAX);
  return `${text.slice(0, EVENT_LETTERS_MAX)}\n… ${rest} more characters in history.jsonl, seq ${event.seq}`;
}

function rawEvents(evidence: readonly HistoryEvent[]): Content {
  if (evidence.length === 0) return null;
  return html`<details><summary>The ${count(evidence.length, 'event')} behind it, as recorded</summary><pre class="raw">${block(evidence.map(eventText).join('\n'))}</pre></details>`;
}

function card(placed: PlacedFinding): Html {
  const { finding, number } = placed;
  return html`<article class="card finding" id="finding-${number}"><h3>${number} · ${unfolding(finding.message, 200)} <span class="tag">${unfolding(finding.check, 60)}</span>${finding.spec !== undefined && html`<span class="tag">${unfolding(finding.spec, 60)}</span>`}</h3>
${proof(placed)}</article>\n`;
}

const lines = (texts: readonly string[]): Content =>
  texts.length > 0 && html`${texts.map((text) => html`<div>${unfolding(text, 300)}</div>`)}`;

function smallest({ shrunk }: FindingRecord): Content {
  if (shrunk === undefined) return null;
  return html`<p class="mute label-above">The smallest: ${unfolding(shrunkWords(shrunk), 300)}</p>${command(shrunk.replay)}`;
}

/** All of a finding but its title. */
export function proof({ finding, scenario }: PlacedFinding): Html {
  const against = contradictionOf(finding);
  return html`${facts([
    ['expected', unfolding(finding.expected, 400)],
    ['seen', html`<strong>${unfolding(finding.seen, 400)}</strong>`],
    ['who', who(finding)],
    ['where', finding.at !== undefined && unfolding(tellWhere(finding.at), 400)],
    ['calls to the peer', lines((finding.peer_calls ?? []).map(tellPeerCall))],
    ['how often', html`${count(finding.occurrences, 'time')} in scenario ${unfolding(scenario.name, 60)}`],
    ['baseline', finding.accepted !== true && lines(baselineWords(finding))],
    ['fingerprint', lines(finding.fingerprints)],
  ])}
<p class="mute label-above">Make it happen again</p>${command(finding.replay)}${smallest(finding)}
${diagram(finding, scenario.metrics?.faults ?? [], against?.earlier.number)}
${against !== undefined && contradictionTable(against)}
${rawEvents(finding.evidence)}`;
}

export function findings(record: RunRecord): Content {
  const all = openFindings(record);
  if (all.length === 0) return null;
  const rest = all.length - CARDS_MAX;
  const more = rest > 0 && html`<p class="mute">${count(rest, 'more finding', 'more findings')} in report.json.</p>`;
  return section('findings', titleOf(record, all.length), [...all.slice(0, CARDS_MAX).map(card), more]);
}

function titleOf({ baseline }: RunRecord, findings: number): string {
  if (baseline !== undefined) return count(findings, 'open finding');
  return findings === 1 ? 'The finding' : count(findings, 'finding');
}
