/** `muster doctor` as it is typed: what it prints, what it writes, and what its exit code says. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { Checkup } from '../harness/model/checkup.ts';
import { ending, openBench, ROOT } from './muster.ts';

const COMMAND = `node ${join(ROOT, 'fixtures/agents/standalone.mjs')}`;

test('an agent that is started for it is examined, as JSON and as a page, and nothing is left of it', async () => {
  using bench = openBench({ config: null });
  const { code, stdout, stderr } = await bench.muster('doctor', '--command', COMMAND, '--json', '--html', 'page.html');
  expect(stderr).toBe('');
  const schema = JSON.parse(readFileSync(join(ROOT, 'reports/json/checkup.schema.json'), 'utf8'));
  const fits = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
  const checkup: Checkup = JSON.parse(stdout);
  expect(fits(checkup), JSON.stringify(fits.errors)).toBe(true);
  expect(checkup.target).toEqual({ kind: 'command', value: COMMAND, name: 'standalone', protocol: '1.0' });
  const ofAgent = checkup.chapters.filter(({ about }) => about === 'agent').flatMap(({ findings }) => findings);
  expect(ofAgent.filter(({ status }) => status === 'problem')).toEqual([]);
  expect(ofAgent.map(({ id }) => id)).toContain('limits/descriptors');
  expect(code).toBe(checkup.exit_code);
  expect(bench.text('.', 'page.html')).toMatch(/^<!doctype html>.*standalone/s);
  expect(bench.left()).toEqual([]);
}, 30_000);

test('where nobody is, and where nothing can be made of what was typed, the exit code says which', async () => {
  using bench = openBench({ config: null });
  const nobody = await bench.muster('doctor', 'http://127.0.0.1:2/');
  expect(nobody).toMatchObject({ code: 1, stderr: '' });
  expect(nobody.stdout).toMatch(/^ UNFIT {2}http:\/\/127\.0\.0\.1:2\/ cannot be tested as it is\n.*1 request to it/);
  const wrong = await bench.muster('doctor', 'agent.example.com', '--fixture', 'ecko', '--ports', 'x');
  expect(wrong).toMatchObject({ code: 4, stdout: '' });
  expect(wrong.stderr.split('\n')).toHaveLength(5);
}, 30_000);

test('whoever has waited long enough for an agent that is silent stops it', async () => {
  using bench = openBench({ config: null });
  const silent = createServer().listen(0, '127.0.0.1');
  try {
    await once(silent, 'listening');
    const child = bench.start('doctor', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const ended = ending(child);
    await once(silent, 'request');
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stdout: '' });
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
}, 30_000);
