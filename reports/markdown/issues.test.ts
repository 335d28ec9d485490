/** What is pasted into an issue tracker says all by itself what is wrong, and whatever an agent said does nothing there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { samples } from '../samples/all.ts';
import { failing } from '../samples/failing.ts';
import { hostile } from '../samples/hostile.ts';
import { passing } from '../samples/passing.ts';
import { expectGolden } from '../testing/golden.ts';
import { drawn, fenced, plain } from './escape.ts';
import { renderIssues } from './issues.ts';

for (const [name, record] of Object.entries(samples)) {
  const text = renderIssues(record);
  if (text === null) continue;
  test(`issues.md of the ${name} sample is as it was`, () => {
    expectGolden(text, `${name}.issues.golden.md`);
  });
}

test('there is nothing to paste where nothing was found, or only what is accepted', () => {
  expect(renderIssues(passing)).toBeNull();
  const accepted = failing.scenarios.map((scenario) => ({
    ...scenario,
    findings: scenario.findings.map((finding) => ({ ...finding, accepted: true as const })),
  }));
  expect(renderIssues({ ...failing, scenarios: accepted })).toBeNull();
});

test('an issue says what, by which section, how to see it again and what happened', () => {
  const text = renderIssues(failing) ?? '';
  const [finding] = failing.scenarios.flatMap(({ findings }) => findings);
  expect(text).toMatch(new RegExp(`^## ${finding?.message}\n`));
  for (const part of [finding?.expected, finding?.seen, finding?.spec, finding?.replay]) expect(text).toContain(part);
  expect(text).toMatch(/```mermaid\nsequenceDiagram\nparticipant p0 as /);
  const recorded = /```json\n(.+?)\n```/s.exec(text)?.[1]?.split('\n') ?? [];
  expect(recorded.map((line) => JSON.parse(line).seq)).toEqual(finding?.evidence.map(({ seq }) => seq));
});

test('the text of a hostile agent acts nowhere outside of fences', () => {
  const outside = (renderIssues(hostile) ?? '').replace(/^(`{3,})\w*\n.*?\n\1$/gms, '');
  expect(outside).not.toMatch(/<(?!\/?(?:details|summary)>)|!\[|(?<!\w)@\w|\p{Cf}/u);
});

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '```\n# @maintainer',
    '````',
    '</details><img src=x>',
    'a;b\nend',
    '[x](https://example.com)',
    '#35;',
  ),
);

test('no text can close its fence', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const [first = '', ...rest] = fenced('text', text).split('\n');
      const fence = first.slice(0, -'text'.length);
      expect(rest.filter((line) => line.trim().startsWith(fence))).toEqual([fence]);
    }),
  );
});

test('no text can begin another statement of a diagram, or be anything but words in a paragraph', () => {
  fc.assert(
    fc.property(texts, (text) => {
      expect(drawn(text).replace(/#\d+;/g, '')).not.toMatch(/[#;\n<>"`%{}[\]\\|@~&*_=!]/);
      expect(plain(text).replace(/&#\d+;/g, '')).not.toMatch(/[\n\\`*_[\]<>#|@~&!]|:\/\//);
    }),
  );
});
