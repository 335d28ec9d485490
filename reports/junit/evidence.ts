/** A finding as the text of a JUnit failure: what CI systems show when somebody clicks on a red test. */
import type { FindingRecord } from '../../harness/model/record.ts';
import { tellUsers } from '../called.ts';
import { baselineWords } from '../known.ts';
import { count, listed, whole } from '../measure.ts';
import { shrunkWords } from '../shrunk.ts';
import { invokeOf, invokesOf, tellEvent, tellPeerCall, tellWhere, tellWho } from '../tell.ts';
import { clip, shortId, visible } from '../visible.ts';

const EVENTS_MAX = 40;

export function evidenceText(finding: FindingRecord): string {
  const invokes = invokesOf(finding.evidence);
  const events = finding.evidence.slice(-EVENTS_MAX).map((event) => {
    const who = tellWho(event, invokeOf(event, invokes));
    const arrow = event.type === 'invoke' ? '→' : '←';
    return `  ${`${whole(Math.round(event.time_ms))} ms`.padStart(11)}  ${clip(visible(`${who} ${arrow} ${tellEvent(event)}`), 200)}`;
  });
  const left_out = finding.evidence.length - events.length;
  return [
    finding.message,
    `expected: ${finding.expected}`,
    `seen:     ${finding.seen}`,
    ...(finding.spec === undefined ? [] : [`section:  ${finding.spec}`]),
    `who:      ${tellUsers(finding, 5)}; ${listed(finding.tasks.map(shortId), 5) || 'no task'}`,
    ...(finding.at === undefined ? [] : [`where:    ${tellWhere(finding.at)}`]),
    ...(finding.peer_calls ?? []).map((call) => `it caused: ${tellPeerCall(call)}`),
    `how often: ${count(finding.occurrences, 'time')}`,
    ...baselineWords(finding).map((line) => `baseline: ${line}`),
    ...finding.fingerprints.map((fingerprint) => `fingerprint: ${fingerprint}`),
    `evidence:${left_out > 0 ? ` (${count(left_out, 'earlier event')} left out)` : ''}`,
    ...events,
    `replay: ${finding.replay}`,
    ...(finding.shrunk === undefined
      ? []
      : [`smallest: ${shrunkWords(finding.shrunk)}`, `replay of it: ${finding.shrunk.replay}`]),
  ]
    .map((line) => clip(visible(line), 4000))
    .join('\n');
}
