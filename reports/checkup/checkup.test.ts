/** What a checkup looks like on a terminal, as a page in a browser, and as JSON. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import type { Checkup } from '../../harness/model/checkup.ts';
import { checkups } from '../samples/checkups.ts';
import { openChromium } from '../testing/chromium.ts';
import { expectGolden } from '../testing/golden.ts';
import { renderCheckupPage } from './page.ts';
import { renderCheckup } from './text.ts';

const schema = JSON.parse(readFileSync(new URL('../json/checkup.schema.json', import.meta.url), 'utf8'));
const fits = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  schema,
);

for (const [name, checkup] of Object.entries(checkups)) {
  test(`the text of the checkup "${name}" is what somebody has read`, () => {
    const text = renderCheckup(checkup, { width: 100, color: false });
    expect(text).not.toMatch(/^\s*::error::/m);
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    // What a CI runner would take for a command is broken up by one more blank.
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(101);
    expectGolden(`${text}\n`, `${name}.checkup.golden.txt`);
  });

  test(`the checkup "${name}" fits its schema`, () => {
    expect(fits(JSON.parse(JSON.stringify(checkup))), JSON.stringify(fits.errors)).toBe(true);
  });
}

test('the schema refuses what is no checkup', () => {
  const { sound, inPart } = checkups;
  const [first] = inPart?.chapters[1]?.findings ?? [];
  expect(fits({ ...sound, extra: 1 })).toBe(false);
  expect(fits({ ...sound, fitness: 'ill' })).toBe(false);
  const with_ = (finding: object) => ({
    ...sound,
    chapters: [{ area: 'a', title: 'A', about: 'agent', findings: [finding] }],
  });
  expect(fits(with_({ ...first }))).toBe(true);
  expect(fits(with_({ ...first, status: 'ok' }))).toBe(false);
  expect(fits(with_({ id: 'a/b', looked_at: 'x', seen: 'y', status: 'problem' }))).toBe(false);
});

/** Runs in the page, with everything unfolded. */
const LOOK = `(() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const names = [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames());
  return {
    overflow_px: document.documentElement.scrollWidth - window.innerWidth,
    scripts: document.scripts.length,
    foreign: document.querySelectorAll('a:not([href^="#"]), img, iframe, object, embed, form, link, base').length,
    handlers: names.filter((name) => name === 'style' || name.startsWith('on')).length,
    lost: [...document.querySelectorAll('nav a')].filter((a) => document.querySelector(a.getAttribute('href')) === null).length,
  };
})()`;

interface View {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  readonly shot: string;
}

/** CHECKUP_SHOTS names a folder for who wants to see them himself. */
async function look(browser: Browser, checkup: Checkup, { width, colorScheme, shot }: View) {
  const folder = await mkdtemp(join(tmpdir(), 'muster-checkup-'));
  try {
    const file = join(folder, 'checkup.html');
    await writeFile(file, renderCheckupPage(checkup));
    const url = pathToFileURL(file).href;
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    const noise: string[] = [];
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(error.message));
    page.on('request', (request) => request.url() !== url && noise.push(request.url()));
    await page.goto(url);
    if (process.env['CHECKUP_SHOTS'] !== undefined) {
      await page.screenshot({ path: join(process.env['CHECKUP_SHOTS'], shot), fullPage: true });
    }
    const seen = await page.evaluate<object>(LOOK);
    await page.close();
    return { noise, ...seen };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const VIEWS = [
  { width: 390, scheme: 'dark' },
  { width: 1200, scheme: 'light' },
  { width: 390, scheme: 'light' },
  { width: 1200, scheme: 'dark' },
] as const;

test('every page is quiet and fits its window, narrow or wide, light or dark', async (context) => {
  await using browser = await openChromium(context);
  for (const [name, checkup] of Object.entries(checkups)) {
    for (const { width, scheme } of VIEWS.slice(0, name === 'inPart' ? VIEWS.length : 1)) {
      const seen = await look(browser, checkup, { width, colorScheme: scheme, shot: `${name}-${width}-${scheme}.png` });
      expect({ name, width, scheme, ...seen }).toEqual({
        ...{ name, width, scheme, noise: [] },
        ...{ overflow_px: 0, scripts: 0, foreign: 0, handlers: 0, lost: 0 },
      });
    }
  }
});
