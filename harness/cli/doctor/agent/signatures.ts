/** The signatures of an agent card, as far as their form tells (§8.4.2). Whether they are true takes a key that its reader trusts. */
import type { CheckupFinding } from '../../../model/checkup.ts';
import { recordOf } from '../../../model/record-of.ts';
import { oneLine } from '../../init/card-hints.ts';
import { note, ok, problem } from '../findings.ts';

const WHAT = 'signatures';
const ID = 'card/signatures';
const BASE64URL = /^[\w-]+$/;

export function signatureFindings(card: Readonly<Record<string, unknown>>): readonly CheckupFinding[] {
  const { signatures = [] } = card;
  if (!Array.isArray(signatures)) {
    const advice = 'Make "signatures" a list, or leave it out.';
    return [problem(ID, WHAT, { seen: '"signatures" is no list', advice })];
  }
  if (signatures.length === 0) return [ok(ID, WHAT, 'none, and none is needed')];
  const wrong = signatures.flatMap((signature, index) =>
    whatIsWrong(recordOf(signature)).map((text) => `signatures[${index}] ${text}`),
  );
  if (wrong.length > 0) {
    const advice =
      'Sign the card again: its protected header needs alg and kid, in base64url without padding (§8.4.2).';
    return [problem(ID, WHAT, { seen: wrong.join('; '), advice })];
  }
  const keys = signatures.map((signature) => oneLine(String(headerOf(recordOf(signature))?.['kid'])));
  return [
    note(
      ID,
      WHAT,
      `${signatures.length} of the right form, by key ${keys.map((key) => `"${key}"`).join(', ')}; whether they are true was not looked at`,
      'Verify them with a key that you trust: muster asks nobody but the agent, and follows no jku.',
    ),
  ];
}

function whatIsWrong(signature: Readonly<Record<string, unknown>>): readonly string[] {
  const { protected: head, signature: value } = signature;
  const wrong: string[] = [];
  if (typeof value !== 'string' || !BASE64URL.test(value)) wrong.push('has no signature in base64url');
  const header = headerOf(signature);
  if (typeof head !== 'string' || header === undefined) return [...wrong, 'has no protected header that can be read'];
  const { alg, kid } = header;
  if (typeof alg !== 'string' || alg === '') wrong.push('names no alg');
  else if (/^none$/i.test(alg)) wrong.push('has the alg "none", with which anybody can sign');
  if (typeof kid !== 'string' || kid === '') wrong.push('names no kid');
  return wrong;
}

function headerOf({
  protected: head,
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  if (typeof head !== 'string' || !BASE64URL.test(head)) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? recordOf(parsed) : undefined;
  } catch {
    // That it cannot be read is what is told.
    return undefined;
  }
}
