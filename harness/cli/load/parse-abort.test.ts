/** A rule says when to stop, a gate what must hold: the one is the opposite of the other, and nothing is lost on the way. */
import { expect, test } from 'vitest';
import { parseAbort, renderAbort } from './parse-abort.ts';

test('an abort rule becomes the gate that is missed while it holds', () => {
  expect(parseAbort('error_rate > 20% for 10s')).toEqual({ gate: 'error_rate <= 20%', for_ms: 10_000 });
  expect(parseAbort(' p95_ms(SendMessage)>=2000  for 1.5m ')).toEqual({
    gate: 'p95_ms(SendMessage) < 2000',
    for_ms: 90_000,
  });
  expect(parseAbort('error_rate < 0.5 for 500ms')).toEqual({ gate: 'error_rate >= 0.5', for_ms: 500 });
});

test('a rule is told as it was written', () => {
  for (const text of ['error_rate > 20% for 10s', 'p95_ms(SendMessage) >= 2000 for 1500ms', 'p50_ms < 1 for 90s']) {
    expect(renderAbort(parseAbort(text))).toBe(text);
  }
});

test('what is no rule is refused with one that is', () => {
  for (const text of ['', 'error_rate > 20%', 'error_rate > 20% for ever', 'error_rate > 20% for 0s', 'for 10s']) {
    expect(() => parseAbort(text)).toThrow("such as 'error_rate > 20% for 10s'");
  }
  expect(() => parseAbort('errors > 20% for 10s')).toThrow('"errors" is not a metric');
  expect(() => parseAbort('error_rate == 1 for 10s')).toThrow('waits for one exact number');
  expect(() => parseAbort('findings > 0 for 10s')).toThrow('is known when the run is over');
});
