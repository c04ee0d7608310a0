import { expect, test } from 'vitest';
import fc from 'fast-check';
import { envelopeCrossings } from './envelope.ts';

// Closed form: 1 - t, 2 t and 0.9 meet at 1/3 (2 t = 1 - t); 0.9 lies above 1 - t from 0.1 and under 2 t from 0.45.
test('corners of three lines', () => {
  expect(envelopeCrossings([1, 0, 0], [0, 2, 0])).toBeClose([1 / 3]);
  expect(envelopeCrossings([1, 0, 0.9], [0, 2, 0.9])).toBeClose([0.1, 0.45]);
  expect(envelopeCrossings([1, 0, 0.9], [0, 2, 0.9], -1)).toBeClose([1 / 3]);
});

test('no corners: one value, parallel lines, a tie at an end', () => {
  expect(envelopeCrossings([1], [2])).toEqual([]);
  expect(envelopeCrossings([1, 0], [2, 1])).toEqual([]);
  expect(envelopeCrossings([0, 0], [1, -1])).toEqual([]);
  expect(envelopeCrossings([0, 1], [1, 1])).toEqual([]);
});

// Definition: between two neighbouring places the winner is the same line, and at a place it changes.
test('agrees with the winner at many points', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
    minLength: 2,
    maxLength: 6,
  });
  fc.assert(
    fc.property(values, fc.constantFrom(1 as const, -1 as const), (lines, sign) => {
      const from = lines.map(([a]) => a);
      const to = lines.map(([, b]) => b);
      const slopeAt = (t: number): number => {
        const at = from.map((a, k) => sign * ((1 - t) * a + t * to[k]));
        const best = at.indexOf(Math.max(...at));
        return to[best] - from[best];
      };
      const ends = [0, ...envelopeCrossings(from, to, sign), 1];
      for (let i = 1; i < ends.length; i++) {
        const width = ends[i] - ends[i - 1];
        expect(width).toBeGreaterThan(0);
        expect(slopeAt(ends[i - 1] + 0.01 * width)).toBe(slopeAt(ends[i] - 0.01 * width));
        if (i > 1) expect(slopeAt(ends[i - 1] - 0.01 * width)).not.toBe(slopeAt(ends[i - 1] + 0.01 * width));
      }
    }),
    { seed: 42 },
  );
});
