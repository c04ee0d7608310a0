import { expect, test } from 'vitest';
import { hatchPath, isHatched } from './hatch.ts';

test('lines rise at 45° and stay inside the rectangle', () => {
  const lines = hatchPath(10, 20, 30, 12, 6)
    .split('M')
    .filter(Boolean)
    .map((part) => part.split(/[L ]/u).map(Number) as [number, number, number, number]);
  // Offsets 3, 9, … below 30 + 12.
  expect(lines).toHaveLength(7);
  for (const [x1, y1, x2, y2] of lines) {
    expect(x2 - x1).toBeClose(y1 - y2, { atol: 0.02 });
    for (const x of [x1, x2]) expect(x >= 10 && x <= 40).toBe(true);
    for (const y of [y1, y2]) expect(y >= 20 && y <= 32).toBe(true);
  }
});

test('an empty rectangle has no lines', () => {
  expect(hatchPath(0, 0, 0, 0)).toBe('');
});

test('small and positive values are not hatched', () => {
  expect([-1, -0.1, -0.09, 0, 1].map(isHatched)).toEqual([true, true, false, false, false]);
});
