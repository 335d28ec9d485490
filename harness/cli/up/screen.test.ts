import { Writable } from 'node:stream';
import { expect, test, vi } from 'vitest';
import type { SessionView } from '../../model/session.ts';
import { openScreen } from './screen.ts';

const viewOf = (id: string): SessionView => ({
  id,
  user: `user-of-${id}`,
  mode: 'real',
  state: 'ready',
  ports: [5000],
  agents: [{ name: 'a', url: 'http://127.0.0.1:5000/', port: 5000, health: 'healthy', restarts: 0, requests: 0 }],
  opened_at_ms: 0,
  last_used_at_ms: 0,
});

const ESCAPE = String.fromCharCode(27);
const PIECES = new RegExp(`${ESCAPE}\\[(\\d+)A|(${ESCAPE}\\[J)|([^${ESCAPE}]+)`, 'g');

/** What a terminal of this size would show: it knows the two controls that are used, and scrolls at its end. */
function openTerminal(rows: number, columns: number) {
  const lines: string[] = [''];
  const out = new Writable({
    write(chunk, _, done) {
      for (const [, up, clear, text] of String(chunk).matchAll(PIECES)) {
        if (up !== undefined) lines.length = lines.length - Number(up);
        else if (clear !== undefined) lines[lines.length - 1] = '';
        else {
          const [first = '', ...rest] = (text ?? '').split('\n');
          lines[lines.length - 1] += first;
          lines.push(...rest);
        }
      }
      done();
    },
  });
  return {
    out: Object.assign(out, { isTTY: true, rows, columns }) as unknown as NodeJS.WriteStream,
    shown: () => lines.slice(-rows),
    all: () => lines,
    scrolled: () => lines.length - rows,
  };
}

test('on a terminal the table is drawn again in the same place, below what was said', () => {
  const ci = process.env['CI'];
  delete process.env['CI'];
  try {
    const terminal = openTerminal(12, 80);
    let views = Array.from({ length: 20 }, (_, index) => viewOf(`s${index}`));
    using screen = openScreen(terminal.out, 'text');
    screen.watch({ list: () => views }, [`control  ${'x'.repeat(100)}`]);
    screen.ready({ control: { url: '' }, sessions: 20, agents: 20, boot_ms: 1_000 });
    const filled = terminal.shown();
    expect(filled.filter((line) => line.includes('user-of-'))).toHaveLength(9);
    expect(filled).toContain('… and 11 more');
    const before = terminal.scrolled();
    const failing = {
      phase: 'failing',
      session: viewOf('s1'),
      agent: 's1/agent-1',
      message: 'it is deaf\u001b[2J',
    } as const;
    screen.add(failing);
    expect(terminal.scrolled()).toBe(before + 1);
    expect(terminal.shown().filter((line) => line.startsWith('session'))).toHaveLength(1);
    views = views.slice(0, 2);
    screen.add({ phase: 'ended', session: viewOf('s9'), reason: 'failed', problem: 'it stayed deaf' });
    const text = terminal.shown().join('\n');
    expect(text).toContain('failing  s1 user-of-s1, s1/agent-1: it is deaf⟨ESC⟩[2J');
    expect(text).toContain('ended    s9 user-of-s9: failed, it stayed deaf');
    expect(text.match(/user-of-s\d+ +5000/g)).toHaveLength(2);
    expect(text).not.toContain('more');
    screen.stopped(20);
    expect(terminal.shown().join('\n')).not.toContain('5000');
    expect(terminal.all()).toContain(`control  ${'x'.repeat(100)}`);
  } finally {
    if (ci !== undefined) process.env['CI'] = ci;
  }
});

test('on a terminal that does not know its size the table is readable all the same', () => {
  vi.stubEnv('CI', undefined);
  const terminal = openTerminal(0, 0);
  using screen = openScreen(terminal.out, 'text');
  screen.watch({ list: () => [viewOf('s1')] }, []);
  screen.ready({ control: { url: '' }, sessions: 1, agents: 1, boot_ms: 1_000 });
  expect(terminal.all().join('\n')).toMatch(/s1 +user-of-s1 +5000 +healthy/);
  vi.unstubAllEnvs();
});
