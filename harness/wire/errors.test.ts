import { readFileSync } from 'node:fs';
import * as sdkErrors from '@a2a-js/sdk/errors';
import { expect, test } from 'vitest';
import { classify } from './classify.ts';
import { errorTable, failure, isProtocolError } from './errors.ts';
import { newExchange, quoted } from './exchange.ts';

test('each code is once in the table, with a sentence on what it means', () => {
  const codes = errorTable.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(errorTable.filter(({ meaning }) => !/^[A-Zm].*\.$/.test(meaning))).toEqual([]);
});

test('every error that the SDK knows by name has a row', () => {
  const names = Object.keys(sdkErrors).filter((name) => /^(?!Rest|JsonRpc|A2A)[A-Z].*Error$/.test(name));
  expect(names).toContain('TaskNotFoundError');
  expect(names.filter((name) => !isProtocolError(name))).toEqual(['RequestMalformedError']);
});

test('every code that the sources use is in the table', () => {
  const source = readFileSync(new URL('classify.ts', import.meta.url), 'utf8');
  const used = [...source.matchAll(/'([a-z]+-[a-z-]+|[A-Z]\w+Error)'/g)].map(([, code]) => code ?? '');
  const known = new Set([...errorTable.map(({ code }) => code), 'RequestMalformedError', 'HTTPParserError']);
  expect(used.filter((code) => !known.has(code))).toEqual([]);
});

test('a failure is definite as the table says, and an unknown code is a mistake of ours', () => {
  expect(failure('http-503', 'no', 503)).toEqual({
    type: 'fail',
    error: { code: 'http-503', message: 'no', status: 503 },
  });
  expect(failure('timeout', 'late')).toEqual({ type: 'info', error: { code: 'timeout', message: 'late' } });
  expect(() => failure('made-up', 'x')).toThrow(/No row for the error code made-up/);
});

test('a machine without ports or descriptors is not the agent refusing', () => {
  const seen = { ...newExchange(true), broken: Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' }) };
  expect(classify(seen.broken, seen, 'jsonrpc')).toMatchObject({ type: 'fail', error: { code: 'no-socket' } });
});

test('what a stranger wrote is quoted on one short line', () => {
  expect(quoted('a\r\nb\u001b[2Jc\u202ed\u2028e')).toBe('a b [2Jc d e');
  expect(quoted('x'.repeat(500))).toHaveLength(120);
});
