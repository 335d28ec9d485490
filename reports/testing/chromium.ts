/** A headless Chromium for tests that must see what a reader sees. Where there is none, tests say so and are skipped. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { TestContext } from 'vitest';
import { CHROMIUM_PLACES } from '../../harness/cli/doctor/machine/programs.ts';

/** With MUSTER_CI set a missing browser is a failure: there, a skipped test would go unnoticed. */
export function chromiumPath(context: TestContext): string {
  const found = [process.env['CHROMIUM_PATH'] ?? '', ...CHROMIUM_PLACES].find(
    (path) => path !== '' && existsSync(path),
  );
  if (found !== undefined) return found;
  if (process.env['MUSTER_CI'] !== undefined) {
    throw new Error(
      `Failed to find Chromium: looked at CHROMIUM_PATH and ${CHROMIUM_PLACES.join(', ')}. Install it, or unset MUSTER_CI.`,
    );
  }
  return context.skip('no Chromium: set CHROMIUM_PATH to a browser');
}

export async function openChromium(context: TestContext): Promise<Browser & AsyncDisposable> {
  return await chromium.launch({ executablePath: chromiumPath(context), args: ['--no-sandbox'] });
}
