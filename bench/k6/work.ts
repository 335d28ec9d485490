/**
 * What k6 does to the stub, to be measured beside muster: messages with checks of what JSON they are answered, streams with our extension,
 * or streams that it holds. It gives up at the first answer that is not as it should be, since k6 would go on.
 */
import { check } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { type Agent, agent } from 'k6/x/a2a';

const { STUB: url = '', WORK: work = '', VUS: vus, EACH: each, FOR_S: for_s } = __ENV;

const scenario =
  work === 'hold'
    ? ({ executor: 'per-vu-iterations', iterations: 1, maxDuration: `${for_s}s` } as const)
    : ({ executor: 'constant-vus', duration: `${for_s}s` } as const);

export const options: Options = {
  scenarios: { work: { ...scenario, vus: Number(vus), gracefulStop: '100ms' } },
  systemTags: ['scenario', 'name', 'method', 'status', 'error', 'expected_response'],
};

const body = JSON.stringify({
  jsonrpc: '2.0',
  method: 'SendMessage',
  params: {
    message: {
      messageId: 'a1b2c3d4-u1-0-0',
      role: 'ROLE_USER',
      parts: [{ text: 'Please repeat this word: mqabcdefghijx0x0' }],
    },
  },
  id: 1,
});
const authorization = 'Bearer muster-user-1';
const params = { headers: { 'content-type': 'application/json', accept: 'application/json', authorization } };

let target: Agent | undefined;

export default function visit(): Promise<unknown> | undefined {
  if (work === 'unary') ask();
  else {
    target ??= agent({ url, headers: { authorization } });
    if (work === 'hold') return hold(target);
    listen(target);
  }
  return undefined;
}

function ask(): void {
  const answer = http.post(url, body, params);
  const isGood = check(answer, {
    'is answered': ({ status }) => status === 200,
    'is the answer to this': (one) => one.json('id') === 1,
    'has a task that is over': (one) => one.json('result.task.status.state') === 'TASK_STATE_COMPLETED',
  });
  if (!isGood) exec.test.abort(`An answer was not as it should be: ${answer.status} ${answer.body}`);
}

function listen(to: Agent): void {
  const { outcome, event_count, state } = to.stream('Please repeat this word: mqabcdefghijx0x0', { keep: 'none' });
  if (outcome === 'ok' && event_count === 10 && state === 'TASK_STATE_COMPLETED') return;
  exec.test.abort(`A stream was ${outcome} with ${event_count} events, ${state}.`);
}

function hold(to: Agent): Promise<unknown> {
  const options = { keep: 'none', timeout_ms: Number(for_s) * 1_000 } as const;
  return Promise.all(Array.from({ length: Number(each) }, () => to.streamAsync('hold', options)));
}
