import fc from 'fast-check';
import { expect, test } from 'vitest';
import { samples } from '../samples/all.ts';
import { failing } from '../samples/failing.ts';
import { hostile } from '../samples/hostile.ts';
import { expectGolden } from '../testing/golden.ts';
import { renderSummary } from './summary.ts';
import { painter, wrapped } from './terminal.ts';

const ESC = '\u001b';
const path = 'reports/runs/latest';

for (const [name, record] of Object.entries(samples)) {
  test(`the summary of the ${name} sample is as it was`, () => {
    expectGolden(renderSummary(record, { width: 90, color: false, path }), `${name}.summary.golden.txt`);
  });
}

test('a summary says which agents were simulated, and nothing of it where none was', () => {
  const told = (mode: 'real' | 'simulated', simulated_agents: number) =>
    renderSummary({ ...failing, run: { ...failing.run, mode, simulated_agents } }, { width: 120, color: false, path });
  expect(told('simulated', 4)).toContain("Simulated: the agents answered in muster's own process");
  expect(told('real', 1)).toContain('1 agent was simulated because ports ran out');
  expect(told('real', 0)).not.toMatch(/simulated/i);
});

test('who has a name in the scenario is told by it, and by the id that the history has', () => {
  const [one] = failing.scenarios.flatMap(({ findings }) => findings);
  const told = (names: Readonly<Record<string, string | null>>) =>
    renderSummary(
      {
        ...failing,
        scenarios: failing.scenarios.map((each) => ({
          ...each,
          findings: each.findings.length > 0 && one ? [{ ...one, users: ['u1', 'u3'], names }] : [],
        })),
      },
      { width: 120, color: false, path },
    );
  expect(told({ u1: 'ann', u3: 'human-eve' })).toContain('ann (u1) and human-eve (u3)');
  expect(told({ u1: null, u3: 'b\u202eob' })).toContain('nobody by name (u1) and b⟨U+202E⟩ob (u3)');
});

test('what shows in several scenarios is told once, with the names of the others', () => {
  const failed = failing.scenarios.filter(({ findings }) => findings.length > 0);
  const again = ['two-devices', 'thundering-herd'].flatMap((name) => failed.map((each) => ({ ...each, name })));
  const told = renderSummary(
    { ...failing, scenarios: [...failing.scenarios, ...again] },
    { width: 120, color: false, path },
  );
  expect(told.match(/^ \d+\. A cancelled task came back/gm)).toHaveLength(1);
  expect(told).toContain('also      in two-devices and thundering-herd: see the report');
});

test('many scenarios that are not applicable are one line of the table', () => {
  const [one] = failing.scenarios;
  const beside = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...(one as (typeof failing.scenarios)[number]),
      ...{
        name: `beside-${index}`,
        verdict: 'not-applicable' as const,
        applicable: false,
        reasons: ['it has no peer'],
      },
      ...{ findings: [], checks: [], metrics: null },
    }));
  const told = (count: number) =>
    renderSummary({ ...failing, scenarios: beside(count) }, { width: 120, color: false, path });
  expect(told(3)).toContain(' beside-2  – not applicable');
  expect(told(4)).not.toMatch(/beside-\d +– not applicable/);
  expect(told(4)).toContain(' – 4 more are not applicable');
});

test('the summary fits a narrow terminal but for lines that are to be copied', () => {
  const lines = renderSummary(failing, { width: 48, color: false, path }).split('\n');
  expect(lines.filter((line) => [...line].length > 48 && !line.includes('npx muster run'))).toEqual([]);
});

test('colours are there when asked for and change no word', () => {
  const plain = renderSummary(failing, { width: 90, color: false, path });
  const colored = renderSummary(failing, { width: 90, color: true, path });
  expect(plain).not.toContain('\u001b');
  expect(colored).toContain('\u001b[31;1mFAIL\u001b[0m');
  expect(colored.replaceAll(new RegExp(`${ESC}\\[[\\d;]+m`, 'g'), '')).toBe(plain);
});

test('a hostile agent moves no cursor and commands no CI runner', () => {
  for (const width of [40, 57, 90, 120]) {
    const text = renderSummary(hostile, { width, color: false, path });
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}|\p{Default_Ignorable_Code_Point}/u);
    expect(text.split('\n').filter((line) => /^\s*::|##\w*\[/.test(line))).toEqual([]);
  }
});

test('no painted text is a command for a CI runner', () => {
  const commands = fc.constantFrom('::', '##[', '##vso[', ' ::error::', ':::', '\u001b', 'a', ' ');
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 6 }), (pieces) => {
      expect(painter(false)(pieces.join(''))).not.toMatch(/^\s*::|##\w*\[|\p{Cc}/u);
    }),
  );
});

test('wrapped lines keep to the width and lose no letter', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'é', '👍', ' ') }),
      fc.integer({ min: 4, max: 30 }),
      (text, width) => {
        const lines = wrapped(text, width);
        expect(lines.every((line) => [...line].length <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      },
    ),
  );
});
