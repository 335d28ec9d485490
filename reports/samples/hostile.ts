/** The failing sample with every string that an agent can reach turned into an attack on whoever shows it. */
import type { RunRecord } from '../../harness/model/record.ts';
import { known } from './known.ts';

const ESC = '\u001b';

export const ATTACKS: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)' x='",
  '</style></svg></title></pre></details><script>alert(4)</script>',
  ']]><evil/><!-- &#60;b&gt; -->',
  `${ESC}]0;owned\u0007${ESC}[2J${ESC}[31mred\u009b31m`,
  '\u202Egnp.exe\u202C\u2066x\u2069\u200b\ufeff',
  '::error file=a::owned\n::set-output name=x::y\n##[command]rm\n##vso[task.setvariable]',
  'javascript:alert(5) http://evil.test/?q=1',
  '__proto__',
  'constructor',
  `\ud800lone\udc00\u0000\uffff\u2028line\u2029`,
  `<style>*{display:none}</style>${'A'.repeat(10_000)}`,
  '{{7*7}} <%= 7 %> `x`',
];

/** Strings that muster itself writes: words of unions, which no agent can change. */
const OURS: ReadonlySet<string> = new Set([
  ...[
    'schema',
    'type',
    'phase',
    'verdict',
    'status',
    'ended',
    'kind',
    'mode',
    'identity',
    'transport',
    'transports',
    'from',
  ],
  ...['op', 'how', 'fault', 'target', 'begins', 'behaviour', 'role'],
]);

/** Answers `value` with every string replaced by the next attack, and a `__proto__` of its own in every object of data. */
function poisoned(value: unknown, key: string, next: () => string): unknown {
  if (typeof value === 'string') return OURS.has(key) ? value : next();
  if (Array.isArray(value)) return value.map((member) => poisoned(member, key, next));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, poisoned(member, name, next)] as const);
  return Object.fromEntries(entries);
}

function poison(record: RunRecord): RunRecord {
  let turn = 0;
  const next = (): string => ATTACKS[turn++ % ATTACKS.length] ?? '';
  const copy = poisoned(record, '', next) as RunRecord;
  const errors = JSON.parse('{"__proto__": 3, "<b onclick=alert(6)>": 4, "constructor": 5}');
  const scenarios = copy.scenarios.map((scenario) => ({
    ...scenario,
    metrics:
      scenario.metrics === null
        ? null
        : {
            ...scenario.metrics,
            operations: scenario.metrics.operations.map((operation) => ({ ...operation, op: next(), errors })),
          },
  }));
  return { ...copy, run: { ...copy.run, target: { kind: 'command', command: next() } }, scenarios };
}

export const hostile: RunRecord = poison(known);
