import fc from 'fast-check';
import { expect, test } from 'vitest';
import { samples } from '../samples/all.ts';
import { failing } from '../samples/failing.ts';
import { interrupted } from '../samples/interrupted.ts';
import { openChromium } from '../testing/chromium.ts';
import { expectGolden } from '../testing/golden.ts';
import { renderJunit } from './junit.ts';
import { textElement } from './xml.ts';

for (const [name, record] of Object.entries(samples)) {
  test(`junit.xml of the ${name} sample is as it was`, () => {
    expectGolden(renderJunit(record), `${name}.junit.golden.xml`);
  });
}

test('each status of a check is what a CI system takes it for', () => {
  const xml = renderJunit(failing);
  expect(xml).toMatch(/<testcase name="answer-is-mine" classname="muster.many-users"\/>/);
  expect(xml).toMatch(/name="recovers" classname="muster.many-users">\s*<skipped message="no evidence"/);
  expect(xml).toMatch(/name="terminal-is-final" classname="muster.cancel-race">\s*<failure type="terminal-left"/);
  expect(xml).toMatch(/name="applicable" classname="muster.push-under-load">\s*<skipped message="not applicable: /);
  expect(renderJunit(interrupted)).toMatch(
    /name="same-story" classname="muster.subscribe-late">\s*<error type="crashed"/,
  );
});

test('what could not be decided is an error, never a pass', () => {
  expect(renderJunit(failing)).toMatch(/name="conclusive" classname="muster.same-task-two-senders">\s*<error/);
  expect(renderJunit(failing)).toMatch(/name="p99_ms\(GetTask\) &lt; 50" classname="muster.gates">\s*<error/);
  expect(renderJunit(interrupted)).toMatch(/<testcase name="run" classname="muster.run">\s*<error type="interrupted"/);
});

test('the totals are the sums of the suites', () => {
  for (const record of Object.values(samples)) {
    const xml = renderJunit(record);
    for (const what of ['tests', 'failures', 'errors', 'skipped']) {
      const pattern = new RegExp(`<testsuite(s?) [^>]* ${what}="(\\d+)"`, 'g');
      const found = [...xml.matchAll(pattern)].map(([, all, number]) => ({ all: all === 's', number: Number(number) }));
      const sum = found.filter(({ all }) => !all).reduce((total, { number }) => total + number, 0);
      expect(found.find(({ all }) => all)?.number).toBe(sum);
    }
  }
});

test('no text can end its element or hold what XML forbids', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(']]>', '</failure>', '\u0000')), (text) => {
      const inner = textElement('failure', { message: text }, text);
      expect(inner).toMatch(/^<failure message="[^<>"]*">[^<>]*<\/failure>$/);
      expect(inner.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Noncharacter_Code_Point}/u);
      expect(inner.isWellFormed()).toBe(true);
    }),
  );
});

/** Runs in the page. */
const READ = `(xml) => {
  const parsed = new DOMParser().parseFromString(xml, 'application/xml');
  const seeds = [...parsed.querySelectorAll('property[name=seed]')].map((property) => property.getAttribute('value'));
  return { errors: parsed.querySelectorAll('parsererror').length, cases: parsed.querySelectorAll('testcase').length, seeds };
}`;

test('a browser reads each file as well-formed XML with every check in it', async (context) => {
  await using browser = await openChromium(context);
  const page = await browser.newPage();
  for (const record of Object.values(samples)) {
    const call = `(${READ})(${JSON.stringify(renderJunit(record))})`;
    const seen = await page.evaluate<{ errors: number; cases: number; seeds: readonly string[] }>(call);
    const checks = record.scenarios.reduce((sum, { checks }) => sum + checks.length, 0);
    expect(seen.errors).toBe(0);
    expect(seen.cases).toBeGreaterThanOrEqual(checks);
    expect(new Set(seen.seeds).size).toBeLessThanOrEqual(1);
  }
});
