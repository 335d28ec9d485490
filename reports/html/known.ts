/** What the baseline accepts: each finding folded into a line that says why and until when, and what was not met. */
import type { RunRecord } from '../../harness/model/record.ts';
import { acceptedFindings, baselineWords, entryWords, unmetEntries } from '../known.ts';
import { count } from '../measure.ts';
import type { PlacedFinding } from '../outcome.ts';
import { type Content, type Html, html, unfolding } from './escape.ts';
import { proof } from './findings.ts';
import { section } from './section.ts';

const FOLDED_MAX = 40;

function folded(placed: PlacedFinding): Html {
  const { finding, number } = placed;
  const words = baselineWords(finding).map((line) => html`<span class="why">${unfolding(line, 300)}</span>`);
  return html`<details class="card accepted" id="finding-${number}"><summary><b>${number} · ${unfolding(finding.message, 200)}</b> <span class="tag">${unfolding(finding.check, 60)}</span> ${words}</summary>
${proof(placed)}</details>\n`;
}

export function known(record: RunRecord): Content {
  const all = acceptedFindings(record);
  const unmet = unmetEntries(record);
  if (all.length + unmet.length === 0) return null;
  const rest = all.length - FOLDED_MAX;
  const title = all.length === 0 ? 'The baseline' : count(all.length, 'accepted finding');
  return section('known', title, [
    all.length > 0 &&
      html`<p class="mute">Known, and accepted for a while in ${unfolding(record.baseline?.path ?? 'the baseline', 120)}: what follows happened in this run, and fails nothing.</p>`,
    ...all.slice(0, FOLDED_MAX).map(folded),
    rest > 0 && html`<p class="mute">${count(rest, 'more accepted finding')} in report.json.</p>`,
    ...unmet.map(
      ({ title: head, meaning, entries }) =>
        html`<div class="card"><h3>${head} <span class="mute">${count(entries.length, 'entry', 'entries')} of the baseline</span></h3><p class="mute">${unfolding(meaning, 400)}</p><ul class="rings">${entries.map((entry) => html`<li><code>${unfolding(entry.finding, 160)}</code> <span class="mute">${unfolding(entryWords(entry), 300)}</span></li>`)}</ul></div>`,
    ),
  ]);
}
