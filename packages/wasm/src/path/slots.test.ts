import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

const placed = (slots: Slots, paths: number[]): [number[], readonly number[]] => {
  const { slotOf, fresh } = slots.place(paths);
  return [paths.map((path) => slotOf.get(path) as number), fresh];
};

// Eight slots, as native/job.c has.
test('paths keep their slots; a new one takes that of the path used longest ago', () => {
  const slots = new Slots();
  expect(placed(slots, [10, 11, 12])).toEqual([
    [0, 1, 2],
    [10, 11, 12],
  ]);
  expect(placed(slots, [12, 12, 13, 14, 15, 16, 17])).toEqual([
    [2, 2, 3, 4, 5, 6, 7],
    [13, 14, 15, 16, 17],
  ]);
  // 10 was used first, but is used here again: 11 goes, and then 12.
  expect(placed(slots, [18, 10])).toEqual([[1, 0], [18]]);
  expect(placed(slots, [19])).toEqual([[2], [19]]);
  expect(placed(slots, [11])).toEqual([[3], [11]]);
});
