/** Goldens: what a report looked like when somebody last looked at it. UPDATE_GOLDENS=1 writes them anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

export function expectGolden(text: string, file: string): void {
  const path = new URL(`../goldens/${file}`, import.meta.url);
  if (process.env['UPDATE_GOLDENS'] === '1') writeFileSync(path, text);
  expect(text, `reports/goldens/${file} differs; UPDATE_GOLDENS=1 writes it anew`).toBe(readFileSync(path, 'utf8'));
}
