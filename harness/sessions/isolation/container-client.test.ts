/** In which order a container is taken away, with an engine that writes down what it is told. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { removalOf } from './container-client.ts';
import type { ContainerEngine } from './container-engines.ts';
import { homeOf } from './container-home.ts';

test.skipIf(process.platform !== 'linux')(
  'while a container has a client only what runs in it is ended; it is removed once nobody is there to go on with it',
  async () => {
    const id = `muster-order-${process.pid}`;
    const { lock } = homeOf(id);
    const told = `${dirname(lock)}.log`;
    mkdirSync(dirname(lock));
    onTestFinished(() => rmSync(dirname(lock), { recursive: true, force: true }));
    onTestFinished(() => rmSync(told, { force: true }));
    const client = spawn('sh', ['-c', 'exec 9>"$0"; flock 9; echo holds; exec sleep 60', lock]);
    const gone = once(client, 'exit');
    await once(client.stdout, 'data');
    const engine = {
      end: () => `echo end >>${told}; kill ${client.pid}`,
      remove: () => `echo remove >>${told}`,
    } as unknown as ContainerEngine;
    spawnSync('sh', ['-c', removalOf(engine, id)]);
    await gone;
    expect(readFileSync(told, 'utf8')).toMatch(/^(end\n)+remove\n$/);
    expect(existsSync(dirname(lock))).toBe(false);
  },
);
