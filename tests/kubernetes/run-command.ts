/** Runs a command to its end. Whatever does not end well is an error with what the command said, so that no test goes on upon it. */
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';

export interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export function ask(command: string, args: readonly string[], options: SpawnSyncOptions = {}): Told {
  const { status, signal, error, stdout, stderr } = spawnSync(command, args, {
    maxBuffer: OUTPUT_BYTES_MAX,
    timeout: 10 * 60_000,
    ...options,
    encoding: 'utf8',
  });
  if (error !== undefined || status === null) {
    throw new Error(`Failed to run ${command} ${args.join(' ')}: ${error?.message ?? signal}\n${stderr ?? ''}`);
  }
  return { code: status, stdout: String(stdout), stderr: String(stderr) };
}

export function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const { code, stdout, stderr } = ask(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

export function runInherited(command: string, args: readonly string[], options: SpawnSyncOptions = {}): void {
  const { status, signal, error } = spawnSync(command, args, { stdio: 'inherit', timeout: 20 * 60_000, ...options });
  if (error !== undefined || status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${error?.message ?? status ?? signal}`);
  }
}
