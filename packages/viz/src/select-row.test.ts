import { describe, expect, test } from 'vitest';
import { attributionOf } from '../test/helpers.ts';
import { selectRow } from './select-row.ts';

describe('selectRow', () => {
  test('NaN is refused with its place', () => {
    const attribution = attributionOf([2, 2], [1, 2, 3, Number.NaN]);
    expect(() => selectRow(attribution, { row: 1 })).toThrow(
      expect.objectContaining({ code: 'NON_FINITE', message: expect.stringContaining('"x", row 1, element 1 is NaN') }),
    );
    expect(selectRow(attribution, { row: 0 }).values).toEqual(Float64Array.of(1, 2));
  });

  test('infinities are refused', () => {
    expect(() => selectRow(attributionOf([1, 1], [Infinity]))).toThrow(/element 0 is Infinity/u);
  });

  test('an empty tensor is refused', () => {
    expect(() => selectRow(attributionOf([1, 0], []))).toThrow(/"x" of shape \[1,0\] holds no attributions/u);
  });

  test.each([-1, 2, 0.5])('row %d of 2 is refused', (row) => {
    expect(() => selectRow(attributionOf([2, 1], [1, 2]), { row })).toThrow(/an integer from 0 to 1 for row/u);
  });

  test('unknown tensors are refused, inherited names too', () => {
    const attribution = attributionOf([1, 1], [1]);
    expect(() => selectRow(attribution, { tensor: 'y' })).toThrow(/expected one of \[x\] for tensor, got "y"/u);
    expect(() => selectRow(attribution, { tensor: 'toString' })).toThrow(/expected one of \[x\]/u);
    expect(() => selectRow({ ...attribution, attributions: {} })).toThrow(/got "none"/u);
  });
});
