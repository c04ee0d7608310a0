import { expect, test } from 'vitest';
import { attributionOf } from '../test/helpers.ts';
import { units } from './units.ts';

test('channels are summed over their places, of the row asked for', () => {
  const values = [1, 1, 1, 1, 0, 0, 0, 0, /* row 1 */ 1, 2, 3, 4, -5, -6, -7, -8];
  const two = { ...attributionOf([2, 2, 2, 2], values), outputAtInput: [4, -16], target: ['y[0]', 'y[1]'] };
  expect(units(two, { row: 1 }).table.rows).toEqual([
    ['channel 1', '−26.00'],
    ['channel 0', '+10.00'],
  ]);
  expect(units(two).table.rows[0]).toEqual(['channel 0', '+4.000']);
});

test('units of a dense layer stand by themselves', () => {
  expect(units(attributionOf([1, 3], [1, -2, 3])).table.rows.map(([name]) => name)).toEqual([
    'unit 2',
    'unit 1',
    'unit 0',
  ]);
});
