import { expect, test } from 'vitest';
import type { SessionView } from '../../model/session.ts';
import { portRange, tableLines } from './table.ts';

const viewOf = (index: number, more: Partial<SessionView> = {}): SessionView => ({
  id: `id${index}`,
  user: `u${index}`,
  mode: 'real',
  state: 'ready',
  ports: [5000, 5001, 5002],
  agents: [
    { name: 'a', url: 'http://127.0.0.1:5000/', port: 5000, health: 'healthy', restarts: 0, requests: 3 },
    { name: 'b', url: 'http://127.0.0.1:5001/', port: 5001, health: 'healthy', restarts: 0, requests: 4 },
  ],
  opened_at_ms: 0,
  last_used_at_ms: 0,
  ...more,
});
const views = (count: number) => Array.from({ length: count }, (_, index) => viewOf(index));

test('the table tells id, user, ports, health and requests', () => {
  expect(tableLines(views(1), { rows: 24, columns: 80 })).toEqual([
    'session  user  ports      health   requests',
    'id0      u0    5000-5001  healthy  7',
  ]);
});

test('whatever the size of the screen, the lines fit on it and what is not shown is counted', () => {
  for (const rows of [5, 10, 24, 50]) {
    for (const columns of [10, 40, 200]) {
      for (const count of [0, 1, 7, 99, 800]) {
        const lines = tableLines(views(count), { rows, columns });
        expect(lines.length).toBeLessThan(rows);
        for (const line of lines) expect(line.length).toBeLessThan(columns);
      }
    }
  }
  expect(tableLines(views(100), { rows: 11, columns: 80 }).at(-1)).toBe('… and 92 more');
});

test('a name that would act on the terminal is shown, and a session that is not well says so', () => {
  const ill = viewOf(1, {
    user: '\u001b[2Jann',
    agents: [{ ...viewOf(1).agents[0], health: 'failing', restarts: 2 }] as SessionView['agents'],
  });
  const [, line = ''] = tableLines([ill], { rows: 24, columns: 80 });
  expect(line).toContain('⟨ESC⟩[2Jann');
  expect(line).toContain('0 of 1 healthy, 2 restarted');
  expect(tableLines([viewOf(1, { state: 'ending' })], { rows: 24, columns: 80 })[1]).toContain('ending');
});

test('ports that lie apart are listed', () => {
  expect([[], [5000], [5000, 5001], [40001, 40007]].map(portRange)).toEqual(['–', '5000', '5000-5001', '40001 40007']);
});
