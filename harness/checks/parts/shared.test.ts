/** The laws of what the checks share: marks in texts, folds of streams, pieces of a story. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringsIn } from '../../model/strings-in.ts';
import { marksIn } from './canaries.ts';
import { canonicalJson, fingerprintOf } from './fingerprints.ts';
import { addToFold, digestOf, foldOfTask, startFold } from './fold-task.ts';
import { clip } from './reading.ts';
import { endsWith, fitsTogether } from './stories.ts';

const canary = fc
  .array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), { minLength: 10, maxLength: 10 })
  .map((letters) => `mq${letters.join('')}`);

test('a canary is found wherever it stands, in any case, also behind what looks like one', () => {
  fc.assert(
    fc.property(
      canary,
      fc.constantFrom('', 'mq', 'mqmqmq', 'MQaaaaaaa', 'x0x1 '),
      fc.string(),
      (known, before, after) => {
        const marks = marksIn(`${before}${known.toUpperCase()} ${after}`, (one) => one === known);
        expect(marks[0]?.canary).toBe(known);
      },
    ),
  );
});

test('every string within a value is found, however it is wrapped', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const strings = stringsIn({ deep: [value, { needle: 'haystack' }] });
      expect(strings).toContain('haystack');
      expect(strings).toContain('needle');
    }),
  );
  expect(stringsIn({ raw: btoa('inside a file') })).toContain('inside a file');
});

test('canonical JSON does not depend on the order of members', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (members) => {
      const reversed = Object.fromEntries(Object.entries(members).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(members));
      expect(fingerprintOf(reversed)).toBe(fingerprintOf(members));
    }),
  );
});

test('two values have the same fingerprint when their canonical JSON is the same, and only then', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(fingerprintOf(one) === fingerprintOf(other)).toBe(canonicalJson(one) === canonicalJson(other));
    }),
  );
  expect(new Set([{ a: 1, b: 2 }, { a: 2, b: 1 }, [1, 2], [2, 1], ['12'], '12', 12].map(fingerprintOf)).size).toBe(7);
});

test('in how many chunks and parts a text comes makes no difference to the fold', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string()), { minLength: 1 }), (chunks) => {
      const fold = startFold(true);
      for (const [at, texts] of chunks.entries()) {
        const artifact = { artifactId: 'a', parts: texts.map((text) => ({ text })) };
        addToFold(fold, { artifactUpdate: { taskId: 't', artifact, append: at > 0 } });
      }
      const whole = { id: 't', artifacts: [{ artifactId: 'a', parts: [{ text: chunks.flat().join('') }] }] };
      expect(digestOf(fold)).toEqual(digestOf(foldOfTask(whole)));
    }),
  );
});

const story = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 });

test('two pieces of one story that touch always fit together', () => {
  fc.assert(
    fc.property(story, fc.nat(), fc.nat(), fc.nat(), fc.nat(), (whole, a, b, c, d) => {
      const piece = (from: number, to: number): readonly string[] => {
        const [start = 0, end = 0] = [from % whole.length, to % whole.length].sort((one, other) => one - other);
        return whole.slice(start, end + 1);
      };
      const overlaps =
        Math.max(Math.min(a % whole.length, b % whole.length), Math.min(c % whole.length, d % whole.length)) <=
        Math.min(Math.max(a % whole.length, b % whole.length), Math.max(c % whole.length, d % whole.length));
      fc.pre(overlaps);
      expect(fitsTogether(piece(a, b), piece(c, d), false)).toBe(true);
      expect(fitsTogether(whole, piece(c, d), true)).toBe(true);
      expect(endsWith(whole, whole.slice(a % whole.length))).toBe(true);
    }),
  );
});

test('pieces that contradict each other do not fit', () => {
  expect(fitsTogether(['1', '2', '3'], ['1', '3'], false)).toBe(false);
  expect(fitsTogether(['1', '2', 'end'], ['2', 'end', '3'], true)).toBe(false);
  expect(fitsTogether(['1', '2'], ['2', '3'], false)).toBe(true);
});

test('clipping leaves no half of a character behind', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.integer({ min: 1, max: 20 }),
      (text, characters_max) => {
        const clipped = clip(text, characters_max);
        expect(clipped.isWellFormed()).toBe(true);
        expect(clipped.length).toBeLessThanOrEqual(Math.max(characters_max, 1));
      },
    ),
  );
});
