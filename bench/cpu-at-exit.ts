/** Preloaded into a program that is measured from outside: when it exits, it leaves what it used in the folder it was given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

process.on('exit', () => {
  const folder = process.env['MUSTER_BENCH_FOLDER'];
  if (folder === undefined) return;
  const { user, system } = process.cpuUsage();
  writeFileSync(join(folder, `cpu-${process.pid}.json`), JSON.stringify({ cpu_s: (user + system) / 1e6 }));
});
