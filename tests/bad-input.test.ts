/** Whatever is given wrongly, the answer is a sentence that says what to do, the right exit code, and nothing left. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import getPort from 'get-port';
import { expect, test } from 'vitest';
import { type Bench, openBench } from './muster.ts';

async function refuses(bench: Bench, args: readonly string[], ...sentences: readonly RegExp[]): Promise<void> {
  const { code, stderr, stdout } = await bench.muster(...args);
  expect({ code, stdout, stderr }).toMatchObject({ code: 4 });
  for (const sentence of sentences) expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(bench.left()).toEqual([]);
}

async function listening(listener: RequestListener): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Failed to listen on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test.concurrent('unknown verbs, flags, scenarios and fixtures are named, with what there is', async () => {
  using bench = openBench({ config: null });
  await refuses(bench, ['rum'], /run/);
  await refuses(bench, [], /Name a verb/);
  await refuses(bench, ['run', '--fixtures', 'echo'], /fixtures/);
  await refuses(bench, ['run', 'many-user'], /there is no "many-user"; did you mean "many-users"\?/);
  await refuses(bench, ['run', '--fixture', 'nobody'], /there is no "nobody"; `muster list` names them all/);
});

test.concurrent('several mistakes on one command line are told at once', async () => {
  using bench = openBench({ config: null });
  const flags = [
    '--fixture',
    'x',
    '--transport',
    'smoke',
    '--users',
    '0',
    '--rate=-1',
    '--gate',
    'p95 < 1',
    '--ports',
    '9-1',
  ];
  await refuses(
    bench,
    ['run', 'nope', ...flags],
    /--fixture/,
    /--transport/,
    /--users/,
    /--rate/,
    /--gate/,
    /ports/,
    /scenario/,
  );
});

test.concurrent('several mistakes in a config are told at once, with their paths', async () => {
  using bench = openBench({ config: null });
  const config = `export default { trnsport: 'x', phrasebook: { slow: { txt: 1 } }, policy: { cancel_ms_max: -1 },
    scenarios: [{ name: 'Bad Name', title: 't', family: 'recovery', needs: [], users: 0, load: { shape: 'square' },
      faults: [{ fault: 'cut', target: 'agent', begins: { at_ms: 0 }, for_ms: 5, match: { user: 1 } }, { fault: 'slow' }], mustExercise: ['nope'], script: 1 }], gates: ['p95 < 1'] };`;
  writeFileSync(join(bench.folder, 'muster.config.ts'), config);
  await refuses(
    bench,
    ['run', '--users', '0'],
    /there is no "trnsport"; there are command/,
    /phrasebook\.slow/,
    /policy\.cancel_ms_max/,
    /scenarios\.0\.name/,
    /scenarios\.0\.users/,
    /scenarios\.0\.load/,
    /scenarios\.0\.script/,
    /scenarios\.0\.faults\.0\.after_events: it is missing, and must be a whole number/,
    /scenarios\.0\.faults\.0\.match\.user: 1 is no user/,
    /scenarios\.0\.faults\.1\.fault/,
    /scenarios\.0\.mustExercise\.0/,
    /gates\.0/,
    /--users/,
  );
  const stormy = `export default { scenarios: [{ name: 'stormy', title: 't', family: 'recovery', needs: [], users: 1, load: { shape: 'closed' },
    faults: [{ fault: 'down', target: 'agent', begins: { after_events: 1, of: 'ok' }, for_ms: 50, times: 2, every_ms: 20 },
      { fault: 'down', target: 'agent', begins: { at_ms: 0 }, for_ms: 50, times: 2 },
      { fault: 'freeze', target: 'agent', begins: { at_ms: 10 }, for_ms: 20 },
      { fault: 'stop', target: 'agent', begins: { at_ms: 25 }, for_ms: 20, deadline_ms: 9 },
      { fault: 'descriptors', target: 'peer', begins: { at_ms: 0 }, for_ms: 50, left: -1 }],
    swarm: { faults: [{ fault: 'cut', target: 'agent', for_ms: 1 }, { fault: 'memory', target: 'peer' }, { fault: 'lie', target: 'agent', which: 'x' }], within_ms: 10, for_ms: { from: 30, to: 20 }, leaves_out: 2 },
    mustExercise: [], *script() {} }] };`;
  writeFileSync(join(bench.folder, 'muster.config.ts'), stormy);
  await refuses(
    bench,
    ['run'],
    /scenarios\.0\.faults\.0\.every_ms: it must be more than for_ms \(50\)/,
    /scenarios\.0\.faults\.1\.every_ms: it is missing/,
    /scenarios\.0\.faults\.4\.target: "descriptors" needs a process, and the peer has none/,
    /scenarios\.0\.faults\.4\.left: it is -1/,
    /scenarios\.0\.swarm\.faults\.1\.left_mb: it is missing/,
    /scenarios\.0\.swarm\.faults\.1\.target: "memory" needs a process/,
    /scenarios\.0\.swarm\.faults\.0\.after_events: it is missing/,
    /scenarios\.0\.swarm\.faults\.0\.for_ms: the seed draws it/,
    /scenarios\.0\.swarm\.faults\.2\.which: it is "x", and must be one of card-junk/,
    /scenarios\.0\.swarm\.faults\.2\.target: only a peer that muster starts can lie/,
    /scenarios\.0\.swarm\.leaves_out/,
  );
  const parted = `export default { scenarios: [{ name: 'parted', title: 't', family: 'mesh', needs: [], users: 1, load: { shape: 'closed' },
    servers: 2, faults: ['down', 'status', 'kill'].map((fault, index) => ({ fault, target: 'links-of-agent-' + (index + 2), status: 503, begins: { at_ms: 0 }, for_ms: 50 })),
    mustExercise: [], *script() {} }] };`;
  writeFileSync(join(bench.folder, 'muster.config.ts'), parted);
  await refuses(
    bench,
    ['run'],
    /scenarios\.0\.faults\.1\.target: between servers muster sees bytes/,
    /scenarios\.0\.faults\.2\.target: between servers muster sees bytes/,
  );
  writeFileSync(
    join(bench.folder, 'muster.config.ts'),
    parted.replace(", 'status', 'kill']", ']').replace('+ 2)', '+ 3)').replace('status: 503,', ''),
  );
  await refuses(
    bench,
    ['run'],
    /scenarios\.0\.faults\.0\.target: there is no agent-3; `servers` says/,
    /scenarios\.0\.faults\.0\.target: only processes can be told/,
  );
  writeFileSync(join(bench.folder, 'muster.config.ts'), 'export default {');
  await refuses(bench, ['run'], /Failed to load the config/);
  await refuses(bench, ['run', '--config', 'none.ts'], /no such file/);
  const phrases = { slow: { text: 'x {chunk}', echoes: true } };
  writeFileSync(join(bench.folder, 'phrases.json'), JSON.stringify(phrases));
  const plain = ['run', '--config', 'empty.mjs', '--phrasebook'];
  writeFileSync(join(bench.folder, 'empty.mjs'), 'export default {};');
  await refuses(bench, [...plain, 'phrases.json'], /\{chunk\} is no placeholder/, /echoes promises that \{token\}/);
});

test.concurrent('a command that exits, never listens or serves no card is told apart', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mjs'), 'export default { limits: { ready_ms_max: 1500 } };');
  const serve = (body: string) =>
    `node -e 'require("node:http").createServer((q,s)=>{${body}}).listen(process.env.PORT,"127.0.0.1")'`;
  await refuses(bench, ['run', '--command', 'echo so long; exit 3'], /exit/, /3/, /so long/);
  await refuses(bench, ['run', '--command', 'no-such-program-anywhere'], /no-such-program-anywhere/);
  await refuses(bench, ['run', '--command', 'sleep 60'], /1500 ms/);
  await refuses(
    bench,
    ['run', '--command', serve('s.setHeader("content-type","text/html");s.end("<h1>hello")')],
    /HTML|html/,
  );
  await refuses(bench, ['run', '--command', serve('s.statusCode=404;s.end()')], /404/);
  await refuses(bench, ['run', '--command', '  '], /empty/);
  const card = `{name:"a",version:"1",supportedInterfaces:[{url:"http://127.0.0.1:1/",protocolBinding:"JSONRPC",protocolVersion:"1.0"}]}`;
  await refuses(
    bench,
    ['run', '--command', serve(`s.end(JSON.stringify(${card}))`)],
    /sends clients to 127\.0\.0\.1:1,/,
  );
});

test.concurrent('a URL that refuses, hangs, serves HTML or something else is told apart', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mjs'), 'export default { policy: { answer_ms_max: 800 } };');
  await refuses(bench, ['run', '--url', 'ftp://example.com'], /http/);
  await refuses(bench, ['run', '--url', `http://127.0.0.1:${await getPort()}`], /refuse/i);
  await using hanging = await listening(() => {});
  await refuses(bench, ['run', '--url', hanging.url], /800 ms/);
  await using html = await listening((_, response) => response.setHeader('content-type', 'text/html').end('<html>'));
  await refuses(bench, ['run', '--url', html.url], /HTML|html/);
  await using other = await listening((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"a":1}'),
  );
  await refuses(bench, ['run', '--url', other.url], /card/);
});

test.concurrent('a run folder that is missing, empty, torn or of another version says so, and a torn one is still judged', async () => {
  using bench = openBench({ config: null });
  await refuses(bench, ['judge', 'nowhere'], /there is no plan/);
  mkdirSync(join(bench.folder, 'empty'));
  await refuses(bench, ['report', 'empty'], /there is no plan/);
  expect((await bench.muster('run', 'two-devices', '--out', 'run')).code).toBe(0);
  await refuses(bench, ['run', 'two-devices', '--out', 'run'], /holds a run already/);
  truncateSync(join(bench.folder, 'run/history.jsonl'), 5000);
  const torn = await bench.muster('judge', 'run');
  expect(torn).toMatchObject({ code: 130 });
  expect(torn.stderr).toMatch(/cut off/);
  writeFileSync(join(bench.folder, 'run/history.jsonl'), '');
  await refuses(bench, ['judge', 'run'], /history/);
  writeFileSync(join(bench.folder, 'run/plan.json'), '{"schema":"muster.plan/99"}');
  await refuses(bench, ['judge', 'run'], /muster\.plan\/99/);
});

const eventOf = (result: object): string => `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n\n`;
const WORKING = eventOf({ statusUpdate: { taskId: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } } });

test.concurrent('what a config leaves open does not keep muster from ending, and is told', async () => {
  using bench = openBench({ config: null });
  writeFileSync(join(bench.folder, 'muster.config.mjs'), 'setInterval(() => {}, 1000);\nexport default {};\n');
  const { code, stdout, stderr } = await bench.muster('list', '--config', 'muster.config.mjs');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/keeps the process alive \(.*Timeout/) });
  expect(stdout).toContain('many-users');
});

test.concurrent('an agent that answers junk, far too much, or without end hangs nothing and is no crash', async () => {
  using bench = openBench({ config: null });
  writeFileSync(
    join(bench.folder, 'muster.config.mjs'),
    'export default { policy: { answer_ms_max: 10000, settle_ms_max: 500 }, limits: { answer_bytes_max: 100000, stream_events_max: 500 } };',
  );
  let url = '';
  await using agent = await listening((request, response) => {
    if (request.url === '/.well-known/agent-card.json') {
      const iface = { url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' };
      const card = { name: 'junk', description: 'j', version: '1', supportedInterfaces: [iface], skills: [] };
      const more = { capabilities: { streaming: true }, defaultInputModes: ['text'], defaultOutputModes: ['text'] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ...card, ...more }));
      return;
    }
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (body.includes('Streaming')) {
        response.setHeader('content-type', 'text/event-stream');
        // A task, so that the scripts read on; and then the same word again, without end.
        response.write(eventOf({ task: { id: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } } }));
        const more = (): void => {
          while (!response.destroyed && response.write(WORKING));
          if (!response.destroyed) response.once('drain', more);
        };
        more();
      } else if (body.includes('x0x0')) {
        response.setHeader('content-type', 'application/json').end('{"jsonrpc": "2.0", "id": 1, "result": ');
      } else {
        response.setHeader('content-type', 'application/json').end(`"${'x'.repeat(1_000_000)}"`);
      }
    });
  });
  url = agent.url;
  const args = [
    'run',
    'many-users',
    'two-devices',
    'cancel-race',
    '--users',
    '4',
    '--url',
    url,
    '--phrasebook',
    'echo',
  ];
  const run = await bench.muster(...args, '--out', 'run');
  expect([1, 2]).toContain(run.code);
  expect(run.stderr).toBe('');
  const codes = new Set(bench.history('run').flatMap((event) => ('error' in event ? [event.error.code] : [])));
  expect(codes).toContain('junk-answer');
  expect(codes).toContain('answer-too-large');
  expect(codes).toContain('stream-too-long');
});
