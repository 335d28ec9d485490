/**
 * A checkup as a page: one file without scripts that works offline, in the manner of report.html and with its style sheet. What stands
 * in the way is a card each, everything that was looked at is a row.
 */
import type { Checkup, CheckupChapter, CheckupFinding } from '../../harness/model/checkup.ts';
import { type Content, type Html, html, toText, unfolding } from '../html/escape.ts';
import { POLICY } from '../html/page.ts';
import { facts, section } from '../html/section.ts';
import { styles } from '../html/style.ts';
import { count, duration } from '../measure.ts';
import { clip, visible } from '../visible.ts';
import { consequenceOf, countOf, factsOf, headlineOf, type Placed, type Problem, problemsOf, TONES } from './words.ts';

const TEXT_MAX = 400;

export function renderCheckupPage(checkup: Checkup): string {
  const word = checkup.fitness.toUpperCase();
  const headline = clip(visible(headlineOf(checkup)), 240);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><title>${clip(`${word}: ${headline} · muster`, 120)}</title>
${styles}</head><body>
${bar(checkup, word)}
<main><h1>${headline}</h1><p class="lead">${clip(visible(factsOf(checkup).join(' · ')), TEXT_MAX)}</p>${figures(checkup)}
${problems(problemsOf(checkup))}
${checkup.chapters.map(chapter)}
${about(checkup)}</main></body></html>
`;
  return toText(page);
}

function bar(checkup: Checkup, word: string): Html {
  const links = checkup.chapters.map(({ area, title }) => html`<a href="#${area}">${title}</a>`);
  return html`<header><div><span class="badge ${TONES[checkup.fitness]}">${word}</span><strong>${count(countOf(checkup, 'problem'), 'problem')}</strong><span class="mute">muster doctor</span><nav aria-label="Chapters">${links}</nav></div></header>`;
}

function figures(checkup: Checkup): Html {
  const { sent, target } = checkup;
  const figure = (value: Content, words: string): Html => html`<div><b>${value}</b><span>${words}</span></div>`;
  return html`<div class="facts">${[
    figure(countOf(checkup, 'problem'), 'problems'),
    figure(countOf(checkup, 'note'), 'notes'),
    figure(countOf(checkup, 'ok'), 'looked at and well'),
    target !== null && figure(sent.requests, `requests, ${count(sent.messages, 'message')} among them`),
    figure(duration(checkup.took_ms), 'for all of it'),
  ]}</div>`;
}

function problems(all: readonly Placed<Problem>[]): Content {
  if (all.length === 0) return null;
  const card = ({ chapter: title, finding }: Placed<Problem>, index: number): Html =>
    html`<article class="card finding"><h3>${index + 1} · ${unfolding(finding.looked_at, 120)} <span class="tag">${title}</span></h3>${facts(
      [
        ['seen', html`<strong>${unfolding(finding.seen, TEXT_MAX)}</strong>`],
        ['so', consequenceOf(finding)],
        ['what to do', unfolding(finding.advice, TEXT_MAX)],
      ],
    )}</article>\n`;
  return section('problems', count(all.length, 'problem'), all.map(card));
}

const MARKS = { ok: ['●', 'good'], note: ['○ note', 'warn'], problem: ['✕ problem', 'bad'] } as const;

function chapter({ area, title, findings }: CheckupChapter): Content {
  if (findings.length === 0) return null;
  const rows = findings.map((finding): readonly [string, Content] => [
    clip(visible(finding.looked_at), 80),
    html`${mark(finding)} ${unfolding(finding.seen, TEXT_MAX)}${finding.status === 'note' && html`<div class="mute">${unfolding(finding.advice, TEXT_MAX)}</div>`}`,
  ]);
  return section(area, title, html`<div class="card">${facts(rows)}</div>`);
}

function mark({ status }: CheckupFinding): Html {
  const [sign, tone] = MARKS[status];
  return html`<span class="word ${tone}">${sign}</span>${status === 'ok' && html`<span class="unseen">ok</span>`}`;
}

function about(checkup: Checkup): Content {
  const { target, sent } = checkup;
  const rows: readonly (readonly [string, Content])[] = [
    ['target', target === null ? 'none: the machine only' : unfolding(`${target.kind} ${target.value}`, 200)],
    [
      'sent',
      target !== null &&
        `${count(sent.requests, 'request')}, ${count(sent.messages, 'message')}, ${count(sent.cancels, 'cancel')}`,
    ],
    ['started', checkup.started_at],
    ['made by', `muster ${checkup.muster}`],
    ['exit code', String(checkup.exit_code)],
  ];
  return section('checkup', 'This checkup', html`<div class="card">${facts(rows)}</div>`);
}
