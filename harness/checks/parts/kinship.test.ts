/** Which names may be taken for one another, and which texts show the inside of a program. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { kinshipOf } from '../../model/kinship.ts';
import { ODD_NAMES } from '../../model/odd-names.ts';
import { traceIn } from './traces.ts';

test('every odd name has kin, but for those that nothing is taken for', () => {
  const lonely = ODD_NAMES.filter((one) => !ODD_NAMES.some((other) => kinshipOf(one, other) !== undefined));
  expect(lonely).toEqual(['muster-plain-one', 'muster-plain-two', '__proto__']);
  expect(new Set(ODD_NAMES).size).toBe(ODD_NAMES.length);
});

test('names are kin of each other or not at all, and nobody is kin of himself', () => {
  const name = fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ unit: 'binary' }));
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(kinshipOf(one, other)?.kind).toBe(kinshipOf(other, one)?.kind);
      expect(kinshipOf(one, one)).toBeUndefined();
    }),
  );
});

test.each([
  ['Error: no\n    at readStream (/srv/app/node_modules/raw-body/index.js:163:17)', 'readStream'],
  ['Error: no\n    at node:internal/process/task_queues:95:5', 'node:internal'],
  ['<pre>Error<br> &nbsp; &nbsp;at Array.match (/srv/router/index.js:1:2)</pre>', 'Array.match'],
  ['Traceback (most recent call last):\n  File "app.py", line 3', 'Traceback'],
  ['java.lang.NullPointerException\n\tat org.example.Agent.handle(Agent.java:42)', 'Agent.java'],
  ['panic: no\n\ngoroutine 12 [running]:\nmain.main()', 'goroutine'],
  ['   at Agent.Handle(Request r) in /src/Agent.cs:line 7', 'Agent.cs'],
  ["thread 'main' panicked at src/main.rs:4:5", 'main.rs'],
  ["/srv/agent.rb:10:in `handle'", 'agent.rb'],
  ['#0 /srv/agent.php(12): handle()', 'agent.php'],
])('%j shows the inside of a program', (text, where) => {
  expect(traceIn(text)).toContain(where);
});

test.each([
  '{"error":{"code":-32602,"message":"Expected a string at params.message.parts[0] (line 1, column 4)"}}',
  'Unexpected token } in JSON at position 12',
  'Meet me at noon (room 12:30:00)',
  'See https://agent.example.com:8443/docs for what is allowed at /message:send',
])('%j shows nothing of it', (text) => {
  expect(traceIn(text)).toBeUndefined();
});
