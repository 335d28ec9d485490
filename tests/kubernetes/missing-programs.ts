/** What a test cluster needs of this machine, told all at once. */
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { postgresFolder } from '../production/database-servers.ts';

const PACKAGES: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  ip: 'iproute2',
  openssl: 'openssl',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  pgrep: 'procps',
  go: 'golang-go',
};

/** A sentence; nothing where all is there. */
export function missingPrograms(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'A test cluster needs Linux, and root for its namespaces.';
  const folders = (process.env['PATH'] ?? '').split(':');
  const missing = new Set(
    Object.entries(PACKAGES).flatMap(([program, name]) => (isIn(folders, program) ? [] : [name])),
  );
  if (!existsSync('/usr/lib/cni/bridge')) missing.add('containernetworking-plugins');
  if (!isIn(['/bin'], 'busybox')) missing.add('busybox-static');
  if (postgresFolder() === undefined) missing.add('postgresql');
  if (missing.size === 0) return undefined;
  return `A test cluster needs what is not here: apt-get install --no-install-recommends ${[...missing].join(' ')}`;
}

function isIn(folders: readonly string[], program: string): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
