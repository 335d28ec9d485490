/**
 * The config that `muster init` writes: what was found is said, and what was not is a comment that says what to fill in. Everything
 * from the agent goes in as a quoted string, or on one line of a comment.
 */
import type { BehaviourName, Phrasebook } from '../../model/phrasebook.ts';
import { DEFAULT_POLICY } from '../../plan/defaults.ts';
import { oneLine } from './card-hints.ts';
import { type Discovery, transportToUse } from './findings.ts';

const WANTED: Readonly<Partial<Record<BehaviourName, string>>> = {
  slow: "slow: { text: '… in {chunks} pieces, {gap_ms} ms apart … {token}', echoes: true }, // streams a long answer",
  asks: "asks: { text: '… {token}', echoes: true }, // asks back, and waits for its user",
  fails: "fails: { text: '… {token}' }, // ends as FAILED",
  remembers: "remembers: { text: '… {token}' }, // takes note of the token …",
  recalls: "recalls: { text: '…' }, // … and says it again later in the same conversation",
};

/** Without types for a file that is plain JavaScript. */
export function configText(found: Discovery, { typed = true }: { readonly typed?: boolean } = {}): string {
  const used = transportToUse(found);
  const isFirst = found.transports[0]?.transport === used;
  return `${[
    ...(typed ? ["import type { MusterConfig } from 'a2a-muster';", ''] : []),
    `// Of ${oneLine(found.name)}, an agent of A2A ${found.protocol}. Written by \`muster init\`; docs/CONFIG.md tells what else there is.`,
    'export default {',
    ...targetLines(found),
    ...(used === undefined || isFirst
      ? []
      : [`  // The first interface on the card did not answer.`, `  transport: ${quoted(used)},`]),
    ...identityLines(found),
    ...phrasebookLines(found),
    ...policyLines(),
    typed ? '} satisfies MusterConfig;' : '};',
  ].join('\n')}\n`;
}

/** A config cannot name a fixture. */
function targetLines({ target: { kind, value } }: Discovery): readonly string[] {
  return kind === 'fixture' ? [`  // For --fixture ${oneLine(value)}.`] : [`  ${kind}: ${quoted(value)},`];
}

function identityLines({ identity, identityReason, usersFile, hints }: Discovery): readonly string[] {
  const reason = `  // ${oneLine(identityReason)}`;
  if (identity === 'users-file') return [reason, `  usersFile: ${quoted(usersFile ?? '')},`];
  if (identity === 'bearer') return [reason, "  identity: 'bearer',"];
  const headers = Object.keys(hints.headers).length > 0 ? hints.headers : { authorization: 'Bearer …' };
  return [
    reason,
    '  // What needs to tell users apart is not applicable then. For real users, write a file with the headers of two or more:',
    `  //   ${oneLine(JSON.stringify([{ id: 'ann', headers }]))}`,
    "  // usersFile: 'users.json',",
    "  identity: 'anonymous',",
  ];
}

function phrasebookLines({ phrasebook, missing, hints }: Discovery): readonly string[] {
  const shown = (Object.entries(phrasebook) as [BehaviourName, NonNullable<Phrasebook[BehaviourName]>][]).map(
    ([name, { text, echoes }]) => `    ${name}: { text: ${quoted(text)}${echoes ? ', echoes: true' : ''} },`,
  );
  const promise = phrasebook.short?.echoes
    ? []
    : [
        '    // Its answer did not hold the token; if you know words that make it do so, say them here with echoes: true.',
      ];
  return [
    '  phrasebook: {',
    ...promise,
    ...shown,
    ...(missing.length === 0
      ? []
      : [
          '    // Not found out. How is your agent made to do these? Each lets more scenarios run.',
          '    // {token} and other braces are filled in. `echoes: true` promises that the answer holds the token: leave it out where it need not.',
        ]),
    ...missing.flatMap((name) => (WANTED[name] === undefined ? [] : [`    // ${WANTED[name]}`])),
    ...hints.examples.map((example) => `    // Its card gives as an example: ${example}`),
    '  },',
  ];
}

const policyLines = (): readonly string[] => [
  '  // What the specification leaves open: here the defaults that agents differ in most.',
  `  policy: { answer_ms_max: ${grouped(DEFAULT_POLICY.answer_ms_max)}, cancel_ms_max: ${grouped(DEFAULT_POLICY.cancel_ms_max)} },`,
  "  // gates: ['p95_ms(SendMessage) < 800', 'error_rate < 1%'],",
];

const grouped = (value: number): string => String(value).replace(/(\d)(?=(\d{3})+$)/g, '$1_');

const quoted = (text: string): string =>
  `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'").replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
