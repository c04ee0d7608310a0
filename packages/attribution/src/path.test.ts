import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointOnPath } from './path.ts';

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

test('both ends of a path are exact, where the usual form misses', () => {
  fc.assert(
    fc.property(float, float, (from, to) => {
      expect(pointOnPath(from, to, 0) === from).toBe(true);
      expect(pointOnPath(from, to, 1) === to).toBe(true);
    }),
  );
  const [from, to] = [1e17, 1];
  expect(from + 1 * (to - from)).not.toBe(to);
  expect(pointOnPath(from, to, 1)).toBe(to);
});
