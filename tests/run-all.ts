/** `npm test`: every check that a person needs, in one command, the cheap ones first; each runs even if one before failed. */
import { spawnSync } from 'node:child_process';

const stages: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: 'formatted and linted (biome)', command: ['biome', 'check'] },
  { name: 'typed (tsc)', command: ['tsc', '--noEmit'] },
  { name: 'the load script of k6 typed (tsc)', command: ['tsc', '--noEmit', '-p', 'k6'] },
  { name: 'tests (vitest)', command: ['vitest', 'run'] },
];

const results = stages.map(({ name, command }) => {
  const [program = '', ...args] = command;
  process.stdout.write(`\n== ${name}: ${command.join(' ')}\n`);
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (error) process.stdout.write(`${error.message}. Run \`npm ci\`, then \`npm test\`.\n`);
  return { name, ok: status === 0 };
});
process.stdout.write(`\n${results.map(({ name, ok }) => `${ok ? 'ok    ' : 'FAILED'}  ${name}`).join('\n')}\n`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
