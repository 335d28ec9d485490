/** Transports are dealt out evenly, the same by the same seed, and never the same to two devices of one user. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Transport } from '../model/a2a.ts';
import { dealTransport } from './deal-transport.ts';

const ALL: readonly Transport[] = ['jsonrpc', 'rest', 'grpc'];
const anySeed = fc.nat();
const mixed = (seed: number) => ({ transport: 'mixed', seed }) as const;

test('three users in a row speak all three transports, and nobody the one of his other device or of the reading back', () => {
  fc.assert(
    fc.property(anySeed, fc.nat({ max: 5_000 }), (seed, index) => {
      const dealt = [0, 1, 2].map((next) => dealTransport(mixed(seed), ALL, index + next, 0));
      expect(new Set(dealt)).toEqual(new Set(ALL));
      const own = [-1, 0, 1].map((device) => dealTransport(mixed(seed), ALL, index, device));
      expect(new Set(own)).toEqual(new Set(ALL));
    }),
  );
});

test('the seed says who begins', () => {
  const first = (seed: number) => dealTransport(mixed(seed), ALL, 0, 0);
  const seeds = Array.from({ length: 40 }, (_, seed) => seed);
  expect(seeds.map(first)).toEqual(seeds.map(first));
  expect(new Set(seeds.map(first))).toEqual(new Set(ALL));
});

test('nothing is dealt where one transport is named, or none is offered', () => {
  expect(dealTransport({ transport: 'rest', seed: 1 }, ALL, 0, 0)).toBeUndefined();
  expect(dealTransport({ seed: 1 }, ALL, 0, 0)).toBeUndefined();
  expect(dealTransport(mixed(1), [], 0, 0)).toBeUndefined();
  expect(dealTransport(mixed(1), ['grpc'], 7, 1)).toBe('grpc');
});
