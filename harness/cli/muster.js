#!/usr/bin/env node
// The door: says clearly when Node is too old, and finds the code as sources in a checkout or compiled in a package.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const NODE_MIN = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < NODE_MIN) {
  process.stderr.write(
    `muster needs Node ${NODE_MIN} or newer, and this is ${process.versions.node}. In a checkout, \`npm ci\` brings one: use \`npx muster\` or \`npm start\`. Elsewhere: \`npm install --save-dev node@${NODE_MIN}\`\n`,
  );
  process.exit(4);
}
// Reading its own code is most of what a short command does; Node keeps what it has read, where the system keeps such things.
nodeModule.enableCompileCache();
const compiled = new URL('../../dist/harness/cli/main.js', import.meta.url);
const source = new URL('./main.ts', import.meta.url);
// In a checkout the sources are there and always newer; a package carries only what was compiled.
const { main } = await import((existsSync(source) ? source : compiled).href);
await main(process.argv.slice(2));
