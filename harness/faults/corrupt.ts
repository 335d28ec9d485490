/** Bytes that changed on the way: JSON that cannot be read, or a character of which half is missing. */
import { ORDINAL } from './attributes.ts';
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { onNth } from './proxy/event-acts.ts';
import { applyRule } from './ruled.ts';

const BRACE = 0x7b;
const BRACKET = 0x5b;
/** The quote that ends a value, and not one that is escaped in it. */
const END_OF_VALUE = /(?<!\\)"(?=\s*[,}\]])/g;
/** Begins a character of two bytes, which never comes. */
const HALF = Buffer.from([0xc3]);

/** The outermost object is opened as a list, which no parser lets pass. */
export function breakJson(event: Buffer): Buffer {
  const at = event.indexOf(BRACE);
  if (at === -1) return event;
  const broken = Buffer.from(event);
  broken[at] = BRACKET;
  return broken;
}

/** The last string that is a value ends in the middle of a character; the JSON stays JSON. */
export function breakCharacter(event: Buffer): Buffer {
  const at = [...event.toString('latin1').matchAll(END_OF_VALUE)].at(-1)?.index;
  return at === undefined ? event : Buffer.concat([event.subarray(0, at), HALF, event.subarray(at)]);
}

const BREAKERS = { json: breakJson, 'utf-8': breakCharacter };

/** An event in which there is nothing to break is left alone, and not counted. */
const broken = (event: Buffer, what: keyof typeof BREAKERS) => {
  const out = BREAKERS[what](event);
  return { out: [out], hit: out !== event };
};

export const corrupt: ProxyFault<'corrupt'> = {
  title: 'The JSON of an event of each stream is damaged, or a character in it; healing leaves events alone',
  needs: 'proxy',
  about: 'events',
  attributes: { event: ORDINAL, what: { oneOf: ['json', 'utf-8'] } },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: { onEvent: onNth(plan.event, (event) => broken(event, plan.what)) },
        applied: () => `damages the ${plan.what} of event ${plan.event} of every stream`,
        healed: ({ hits }) => `damaged ${plural(hits, 'event')}`,
      },
      signal,
    ),
};
