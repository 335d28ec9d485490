/** The agent card, as it was served: what it must have, where it sends clients, and what it promises. Pure: the card is all that it sees. */
import { interfacesOn, isUsable, SPOKEN } from '../../../model/card-interfaces.ts';
import type { CheckupFinding } from '../../../model/checkup.ts';
import { recordOf } from '../../../model/record-of.ts';
import { oneLine } from '../../init/card-hints.ts';
import { note, ok, problem } from '../findings.ts';
import { emptyLists, wrongMembers } from './card-members.ts';
import { schemeFindings } from './schemes.ts';
import { signatureFindings } from './signatures.ts';

type Json = Readonly<Record<string, unknown>>;

const WRONG_SHOWN_MAX = 6;

export function cardFindings(card: Json, { isLoopback }: { readonly isLoopback: (host: string) => boolean }) {
  return [
    ...memberFindings(card),
    ...interfaceFindings(card, isLoopback),
    ...capabilityFindings(card),
    ...schemeFindings(card),
    ...signatureFindings(card),
  ];
}

function memberFindings(card: Json): readonly CheckupFinding[] {
  const what = 'required members';
  const wrong = wrongMembers(card);
  if (wrong.length > 0) {
    const more = wrong.length > WRONG_SHOWN_MAX ? ` and ${wrong.length - WRONG_SHOWN_MAX} more` : '';
    const advice = 'Put them on the card with the types of §4.4.1: a strict client refuses a card without them.';
    return [problem('card/members', what, { seen: `${wrong.slice(0, WRONG_SHOWN_MAX).join('; ')}${more}`, advice })];
  }
  const empty = emptyLists(card);
  if (empty.length === 0) return [ok('card/members', what, 'all there')];
  const advice = 'Name at least one element in each: lists that are required must not be empty (§5.7).';
  return [note('card/members', what, `all there; empty: ${empty.join(', ')}`, advice)];
}

function interfaceFindings(card: Json, isLoopback: (host: string) => boolean): readonly CheckupFinding[] {
  const id = 'card/interfaces';
  const what = 'transports and versions';
  const faces = interfacesOn(card);
  const seen = faces.map(({ binding, version }) => oneLine(`${binding} ${version || '(no version)'}`)).join(', ');
  if (!faces.some(isUsable)) {
    const advice = `Offer at least one of what muster speaks, ${SPOKEN}, with its url.`;
    const told = seen === '' ? 'no interface with a url' : `${seen}: nothing that muster speaks`;
    return [problem(id, what, { seen: told, advice, hinders: 'all' })];
  }
  const findings: CheckupFinding[] = [];
  const strange = faces.filter((face) => !isUsable(face));
  const told = strange.map(({ binding, version }) => oneLine(`${binding} ${version}`)).join(', ');
  if (strange.length === 0) findings.push(ok(id, what, seen));
  else {
    const advice = `What muster speaks is ${SPOKEN}; the others are left alone, so test them by other means.`;
    findings.push(note(id, what, `${seen}; not spoken by muster: ${told}`, advice));
  }
  const patched = faces.filter(({ version }) => /^\d+\.\d+\./.test(version) && !/^0\./.test(version));
  if (patched.length > 0) {
    const versions = patched.map(({ version }) => oneLine(version)).join(', ');
    const advice = 'Write major and minor only, such as 1.0: patch numbers should not be on cards (§3.6).';
    findings.push(note('card/versions', 'protocol versions', `with a patch number: ${versions}`, advice));
  }
  const open = faces.filter(({ url }) => isPlain(url, isLoopback)).map(({ url }) => oneLine(url));
  if (open.length > 0) {
    const advice = 'Offer https: who listens on the way reads messages and credentials (§7.1).';
    findings.push(note('card/tls', 'encryption', `not encrypted: ${open.join(', ')}`, advice));
  }
  return findings;
}

function isPlain(url: string, isLoopback: (host: string) => boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !isLoopback(hostname);
}

function capabilityFindings(card: Json): readonly CheckupFinding[] {
  const claims = recordOf(card['capabilities']);
  const claimed = ['streaming', 'pushNotifications', 'extendedAgentCard'].filter((name) => claims[name] === true);
  const told = claimed.length === 0 ? 'nothing' : claimed.join(', ');
  return [ok('card/capabilities', 'claims', told)];
}
