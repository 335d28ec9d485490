/** A proxy or an error page that says of an answer what it is not. */
import type { ProxyFault } from './fault.ts';
import { plural } from './proof.ts';
import { withoutHeader } from './proxy/headers.ts';
import { applyRule } from './ruled.ts';

export const wrongContentType: ProxyFault<'wrong-content-type'> = {
  title: 'Answers say that they are something else than they are; healing lets them say what they are',
  needs: 'proxy',
  about: 'calls',
  attributes: { content_type: { oneOf: ['text/html', 'text/plain', 'application/xml', 'application/octet-stream'] } },
  apply: (plan, proxy, signal) =>
    applyRule(
      plan,
      proxy,
      {
        rule: {
          onHead: (head) => ({
            ...head,
            headers: [...withoutHeader(head.headers, 'content-type'), 'Content-Type', plan.content_type],
          }),
        },
        applied: () => `calls every answer ${plan.content_type}`,
        healed: ({ hits }) => `mislabelled ${plural(hits, 'answer')}`,
      },
      signal,
    ),
};
