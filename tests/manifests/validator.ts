/**
 * kubernetes-validate: manifests against the schemas of the API, without a cluster. It lets a kind that it does not know pass with a word of
 * warning, so what counts here is the word on each document and not its exit code. Whoever lacks Python is told so; with MUSTER_CI set that is a failure.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { KUBERNETES_VERSION } from '../kubernetes/build-cluster.ts';
import { ROOT } from '../muster.ts';

const PROGRAM = join(ROOT, '.cache/kubernetes-validate/bin/kubernetes-validate');
const INSTALL = join(ROOT, 'tests/manifests/install');
const INSTALL_MS_MAX = 240_000;

/** Installs it where it is not there yet. Why it cannot be had; nothing where it is there. */
export function whyNoValidator(): string | undefined {
  try {
    execFileSync('sh', [INSTALL], { timeout: INSTALL_MS_MAX, stdio: ['ignore', 'ignore', 'pipe'] });
    return undefined;
  } catch (error) {
    const said = String((error as { readonly stderr?: unknown }).stderr ?? '').trim();
    const reason = `Failed to install kubernetes-validate: it needs Python 3.9 or later with venv, and PyPI. \`sh ${INSTALL}\` says: ${said.slice(-600) || error}`;
    if (process.env['MUSTER_CI'] !== undefined) throw new Error(reason);
    return reason;
  }
}

export interface Judged {
  /** As `kind/name`, in the order of their files. */
  readonly passed: readonly string[];
  /** What is wrong, with its place; also that nothing is known of a kind. */
  readonly problems: readonly string[];
}

/** Against the version that the test cluster has. */
export function validate(files: readonly string[]): Judged {
  const { status, stdout, stderr } = spawnSync(PROGRAM, ['--strict', '-k', KUBERNETES_VERSION, ...files], {
    encoding: 'utf8',
  });
  const lines = stdout.trim().split('\n');
  const told = / passed for resource (\S+) against version (\S+)$/;
  const passed = lines.flatMap((line) => {
    const [, resource = '', version = ''] = told.exec(line) ?? [];
    // Of a version that it does not have it would take an older one.
    return resource !== '' && KUBERNETES_VERSION.startsWith(`${version}.`) ? [resource] : [];
  });
  const problems = lines.filter((line) => !told.test(line)).map((line) => line.replace(/^\w+ \S+ /, ''));
  if (stderr !== '' || (status !== 0 && problems.length === 0))
    throw new Error(`kubernetes-validate ended with ${status}: ${stderr}${stdout}`);
  return { passed, problems };
}
