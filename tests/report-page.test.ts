/** The page that a real failing run leaves, opened from its file as a reader opens it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { openChromium } from '../reports/testing/chromium.ts';
import { openBench } from './muster.ts';

test('the report of a failing run opens from its file, complete, quiet, and with the proof on it', async (context) => {
  await using browser = await openChromium(context);
  using bench = openBench();
  const run = await bench.muster('run', 'cancel-race', '--fixture', 'write-behind', '--seed', '7', '--out', 'run');
  expect(run.code).toBe(1);
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const noise: string[] = [];
  const url = pathToFileURL(join(bench.folder, 'run/report.html')).href;
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  page.on('request', (request) => request.url() !== url && noise.push(request.url()));
  await page.goto(url);
  expect(noise).toEqual([]);
  expect(await page.title()).toContain('FAIL: A cancelled task');
  expect(await page.locator('h1').innerText()).toBe('A cancelled task came back as COMPLETED');
  const ids = await page.locator('section').evaluateAll((sections) => sections.map((section) => section.id));
  expect(ids).toEqual(expect.arrayContaining(['findings', 'scenarios', 'load', 'agents', 'ports', 'run']));
  const finding = page.locator('#findings');
  expect(await finding.locator('svg').count()).toBeGreaterThan(0);
  expect(await finding.innerText()).toContain('npx muster run cancel-race --fixture write-behind --seed 7');
  const pasted = bench.text('run', 'issues.md');
  expect(run.stdout).toContain('paste   run/issues.md');
  expect(pasted).toMatch(/^## A cancelled task came back as COMPLETED\n/);
  expect(pasted).toContain('npx muster run cancel-race --fixture write-behind --seed 7');
});
