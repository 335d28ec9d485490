/** What a head says of its message decides where the next one begins: a proxy that read it otherwise than the agent would mix them up. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closesAfter, headerIn, readAnswer, readRequest } from './head.ts';
import { openHeadReader } from './head-reader.ts';

const request = (...lines: readonly string[]) =>
  readRequest(['POST /a?b=c HTTP/1.1', ...lines].join('\r\n'), 'agent:1');
const answer = (status: number | string, ...lines: readonly string[]) =>
  readAnswer([`HTTP/1.1 ${status} Yes`, ...lines].join('\r\n'), 'GET');

test('a request goes on as it was written, but for whom it is for and how it may be answered', () => {
  const read = request(
    'HOST: me',
    'X-One:  1',
    'accept-encoding: gzip',
    'x-one: 2',
    'Content-Length: 3',
    'Proxy-Connection: x',
  );
  expect(String(read?.forward)).toBe(
    'POST /a?b=c HTTP/1.1\r\nHOST: agent:1\r\nX-One:  1\r\nx-one: 2\r\nContent-Length: 3\r\nAccept-Encoding: identity\r\n\r\n',
  );
  expect([read?.method, read?.path, read?.framing]).toEqual(['POST', '/a?b=c', { kind: 'counted', bytes: 3 }]);
  expect(read && headerIn(read, 'x-one')).toBe('1, 2');
  expect(read && headerIn(read, 'x-two')).toBeUndefined();
  expect(String(request()?.forward)).toBe('POST /a?b=c HTTP/1.1\r\nAccept-Encoding: identity\r\n\r\n');
});

test('what belongs to one connection stays there, and what both ends must know goes on', () => {
  const read = request('Connection: close, X-Mine', 'x-mine: 1', 'X-Ours: 2', 'Upgrade: h2c');
  expect(String(read?.forward)).toContain('\r\nConnection: close\r\nX-Ours: 2\r\nUpgrade: h2c\r\n');
  expect(String(read?.forward)).not.toContain('x-mine');
  const plain = request('Connection: Upgrade, HTTP2-Settings', 'connection: keep-alive', 'HTTP2-Settings: x');
  expect(String(plain?.forward)).toContain('\r\nConnection: upgrade\r\nConnection: keep-alive\r\nAccept');
  expect([read && closesAfter(read), plain && closesAfter(plain)]).toEqual([true, false]);
  const old = (line: string) => readRequest(`GET / HTTP/1.0\r\n${line}`, 'agent');
  expect([old('A: b'), old('Connection: Keep-Alive')].map((each) => each && closesAfter(each))).toEqual([true, false]);
});

test('chunks win over a length, and what no two readers would read alike is refused', () => {
  expect(request('Content-Length: 3', 'Transfer-Encoding: gzip, Chunked')?.framing).toEqual({ kind: 'chunked' });
  expect(request('Transfer-Encoding: chunked', 'Content-Length: 3')?.framing).toEqual({ kind: 'chunked' });
  expect(request('Expect: 100-continue')).toMatchObject({ expects: true, framing: { kind: 'none' } });
  expect(request('Content-Length: 3', 'Content-Length: 3')?.framing).toEqual({ kind: 'counted', bytes: 3 });
  for (const lines of [['Content-Length: 3', 'Content-Length: 4'], ['Content-Length: -1'], ['Content-Length: 3, 3']]) {
    expect([request(...lines), answer(200, ...lines)]).toEqual([undefined, undefined]);
  }
  expect(request('Transfer-Encoding: gzip')).toBeUndefined();
  for (const line of ['GET /', 'GET  / HTTP/1.1', 'GET / HTTP/2.0', '', 'G(T / HTTP/1.1']) {
    expect(readRequest(line, 'agent')).toBeUndefined();
  }
  for (const status of ['042', '20', '2000']) expect(answer(status)).toBeUndefined();
});

test('an answer has a body only where it may have one', () => {
  expect(answer(200)?.framing).toEqual({ kind: 'close' });
  expect(answer(200, 'transfer-encoding: gzip')?.framing).toEqual({ kind: 'close' });
  expect(answer(200, 'Content-Type:  text/event-stream ; a=b')?.contentType).toBe('text/event-stream ; a=b');
  for (const status of [100, 103, 204, 304]) {
    expect(answer(status, 'Content-Length: 5')).toMatchObject({ framing: { kind: 'none' }, isInterim: status < 200 });
  }
  expect(readAnswer('HTTP/1.1 200\r\ntransfer-encoding: chunked', 'HEAD')?.framing).toEqual({ kind: 'none' });
  expect(answer(101, 'Content-Length: 5')).toMatchObject({
    isTunnel: true,
    isInterim: false,
    framing: { kind: 'close' },
  });
  expect(readAnswer('HTTP/1.0 200 OK', 'CONNECT')?.isTunnel).toBe(true);
});

test('a head is found wherever it is cut, and what follows is left alone', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 });
  const line = fc.string({ unit: fc.constantFrom('a', ':', ' ', '\r', 'caf\u00e9'), minLength: 1, maxLength: 6 });
  const lines = fc.array(
    line.filter((each) => !each.endsWith('\r')),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(
      lines,
      fc.constantFrom('', '\r\n', '\r\n\r\n'),
      sizes,
      fc.constantFrom('', 'body', '\r\n\r\n'),
      (wanted, before, cuts, after) => {
        const text = wanted.join('\r\n').replace(/^\r+/, '');
        fc.pre(text !== '');
        const bytes = Buffer.from(`${before}${text}\r\n\r\n${after}`, 'latin1');
        const reader = openHeadReader();
        let from = 0;
        for (const size of [...cuts, bytes.length]) {
          const chunk = bytes.subarray(from, from + size);
          const found = reader.read(chunk, 0);
          if (found !== undefined) {
            expect([found.text, from + found.end]).toEqual([text, before.length + text.length + 4]);
            return;
          }
          from += chunk.length;
        }
        expect.unreachable('the head was not found');
      },
    ),
  );
  const endless = openHeadReader();
  expect(() => {
    for (let megabyte = 0; megabyte < 3; megabyte += 1) endless.read(Buffer.alloc(600_000, 'x'), 0);
  }).toThrow('a head is larger than 1048576 bytes');
});
