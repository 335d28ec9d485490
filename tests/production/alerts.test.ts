/**
 * What is deployed with the agent `production`: rules that name only what the agent tells, alerts of which each was seen to fire and to
 * clear, and of those that watch its servers also on a real Prometheus while these servers break.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { openMetrics } from '../../fixtures/agents/production/metrics.ts';
import { ROOT } from '../muster.ts';
import { startPostgres, startPrometheus, startRedis, whyNoDatabases, whyNoPrometheus } from './database-servers.ts';
import { startReplica } from './replica.ts';

const FOLDER = join(ROOT, 'fixtures/agents/production/deploy/prometheus');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
}
interface Tests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly unknown[] }[];
  }[];
}

const alerts = (parse(read('rules.yml')) as Rules).groups.flatMap(({ rules }) => rules);

test('promtool takes the rules, and their tests hold', (context) => {
  const missing = whyNoPrometheus();
  if (missing !== undefined) return context.skip(missing);
  expect(execFileSync('promtool', ['check', 'rules', 'rules.yml'], { cwd: FOLDER, encoding: 'utf8' })).toContain(
    `SUCCESS: ${alerts.length} rules found`,
  );
  execFileSync('promtool', ['test', 'rules', 'rules.test.yml'], { cwd: FOLDER });
});

test('each alert is seen to fire and then to clear, and each metric that a rule names is one of the agent', async () => {
  for (const { tests } of [parse(read('rules.test.yml')) as Tests]) {
    const turns = tests.flatMap(({ alert_rule_test }) =>
      alert_rule_test.map(({ alertname, exp_alerts = [] }) => `${alertname} ${exp_alerts.length > 0}`),
    );
    const told = turns.join(', ');
    for (const { alert } of alerts) expect(told).toContain(`${alert} false, ${alert} true, ${alert} false`);
  }
  const known = (await openMetrics(() => 0).registry.getMetricsAsJSON()).map(({ name }) => name);
  const named = alerts.flatMap(({ expr }) => expr.match(/production_\w+/g) ?? []);
  expect(named.length).toBeGreaterThanOrEqual(alerts.length);
  expect(named.map((name) => name.replace(/_bucket$/, '')).filter((name) => !known.includes(name))).toEqual([]);
});

test('the alerts on PostgreSQL and Redis fire while these are gone, and clear when they are back', async (context) => {
  const missing = whyNoDatabases() ?? whyNoPrometheus();
  if (missing !== undefined) return context.skip(missing);
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const DATABASE_URL = await postgres.database();
  // Whoever asks is told at once that the database is away.
  await using agent = await startReplica({ DATABASE_URL, REDIS_URL: redis.url, DATABASE_WAIT_MS: '100' });
  const soon: Rules = {
    groups: [
      { name: 'soon', rules: alerts.map((rule) => (rule.for === undefined ? rule : { ...rule, for: '500ms' })) },
    ],
  };
  await using prometheus = await startPrometheus(agent.url, stringify(soon));
  const firing = async (): Promise<readonly string[]> => {
    const { data } = (await (await fetch(`${prometheus.url}/api/v1/alerts`)).json()) as {
      data: { alerts: { state: string; labels: { alertname: string } }[] };
    };
    // Whoever asks makes it notice Redis, which nobody needs otherwise.
    await fetch(`${agent.url}/a2a/rest/tasks`, { headers: { 'a2a-version': '1.0' } });
    const now = data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname);
    return now.filter((name) => /Away$/.test(name)).toSorted();
  };
  const becomes = async (expected: readonly string[]): Promise<void> => {
    for (let tries = 1; tries < 400; tries += 1) {
      if (JSON.stringify(await firing()) === JSON.stringify(expected)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await firing()).toEqual(expected);
  };
  await becomes([]);
  await redis.kill();
  await becomes(['ProductionRedisAway']);
  await redis.start();
  await becomes([]);
  await postgres.kill();
  await becomes(['ProductionDatabaseAway']);
  await postgres.start();
  await becomes([]);
});
