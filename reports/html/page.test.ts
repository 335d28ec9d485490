import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RunRecord } from '../../harness/model/record.ts';
import { samples } from '../samples/all.ts';
import { failing } from '../samples/failing.ts';
import { hostile } from '../samples/hostile.ts';
import { openChromium } from '../testing/chromium.ts';
import { renderHtml } from './page.ts';

async function savedPage(record: RunRecord): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-report-'));
  const file = join(folder, 'report.html');
  await writeFile(file, renderHtml(record));
  return { url: pathToFileURL(file).href, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

interface Seen {
  /** Console messages, page errors, dialogs and requests other than for the page itself. */
  readonly noise: readonly string[];
  readonly overflow_px: number;
  readonly sections: readonly string[];
  readonly scripts: number;
  /** Links and images that an agent could have brought in. */
  readonly foreign: number;
  /** Attributes that run or style something. */
  readonly handlers: number;
}

/** Runs in the page, with everything unfolded. */
const LOOK = `(() => {
  for (const details of document.querySelectorAll('details')) details.open = true;
  const names = [...document.querySelectorAll('*')].flatMap((element) => element.getAttributeNames());
  return {
    overflow_px: document.documentElement.scrollWidth - window.innerWidth,
    sections: [...document.querySelectorAll('section')].map((section) => section.id),
    scripts: document.scripts.length,
    foreign: document.querySelectorAll('a:not([href^="#"]), img, iframe, object, embed, form, link, base').length,
    handlers: names.filter((name) => name === 'style' || name.startsWith('on')).length,
  };
})()`;

async function look(browser: Browser, url: string, width: number): Promise<Seen> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: width < 700 ? 'dark' : 'light',
  });
  const page = await context.newPage();
  const noise: string[] = [];
  page.on('console', (message) => noise.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
  page.on('request', (request) => request.url() !== url && noise.push(`request: ${request.url()}`));
  page.on('dialog', async (dialog) => {
    noise.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  await page.goto(url);
  const seen = await page.evaluate<Omit<Seen, 'noise'>>(LOOK);
  await context.close();
  return { noise, ...seen };
}

const FULL = ['scenarios', 'proved', 'load', 'agents', 'ports', 'harness', 'gates', 'run'];
const sections: Readonly<Record<string, readonly string[]>> = {
  failing: ['findings', ...FULL],
  hostile: ['findings', 'known', ...FULL],
  known: ['findings', 'known', ...FULL],
  passing: ['proved', 'scenarios', ...FULL.slice(2)],
  interrupted: ['proved', 'scenarios', ...FULL.slice(2)],
  isolated: ['findings', 'scenarios', 'proved', 'isolation', 'load', 'agents', 'ports', 'harness', 'run'],
  loaded: ['under-load', 'scenarios', 'proved', 'harness', 'gates', 'run'],
  empty: ['run'],
};

for (const [name, record] of Object.entries(samples)) {
  test(`the page of the ${name} sample is whole, quiet and fits its window, narrow or wide`, async (context) => {
    await using saved = await savedPage(record);
    await using browser = await openChromium(context);
    for (const width of [360, 1200]) {
      const seen = await look(browser, saved.url, width);
      expect(seen, `${width} px`).toMatchObject({ noise: [], scripts: 0, foreign: 0, handlers: 0 });
      expect(seen.overflow_px, `${width} px`).toBeLessThanOrEqual(0);
      expect(seen.sections).toEqual(sections[name]);
    }
  });
}

test('the policy forbids a script that had slipped in, so that two locks must fail', async (context) => {
  await using browser = await openChromium(context);
  const page = await browser.newPage();
  const slipped = renderHtml(hostile).replace('</main>', '<script>document.title = "owned"</script></main>');
  await page.setContent(slipped);
  expect(await page.title()).not.toBe('owned');
});

test('the first screen of a failing run holds the verdict, the headline and the proof of it', () => {
  const page = renderHtml(samples['failing'] ?? hostile);
  const order = [
    'badge bad',
    '<h1>A cancelled task came back',
    'class="facts"',
    'id="finding-1"',
    'npx muster run',
    'cannot follow 6',
  ];
  const places = order.map((words) => page.indexOf(words));
  expect(places.every((place) => place > 0)).toBe(true);
  expect(places).toEqual([...places].sort((left, right) => left - right));
});

test('an interrupted run says so before anything else', () => {
  const page = renderHtml(samples['interrupted'] ?? hostile);
  expect(page.indexOf('This run was interrupted')).toBeLessThan(page.indexOf('<h1>'));
  expect(page.indexOf('This run was interrupted')).toBeGreaterThan(0);
});

test('the same record gives the same page', () => {
  expect(renderHtml(hostile)).toBe(renderHtml(JSON.parse(JSON.stringify(hostile))));
});

test('a page says at its top which agents were simulated', () => {
  const told = (mode: 'real' | 'simulated', simulated_agents: number) => {
    const page = renderHtml({ ...failing, run: { ...failing.run, mode, simulated_agents } });
    return page.slice(page.indexOf('<main>'), page.indexOf('<h1>'));
  };
  expect(told('simulated', 4)).toContain('Simulated: the agents answered in muster');
  expect(told('real', 3)).toContain('3 agents were simulated because ports ran out');
  expect(told('real', 0)).not.toContain('banner');
});
