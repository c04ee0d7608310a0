import { describe, expect, test } from 'vitest';
import { addProduct, type MatrixView } from './matrix-product.ts';

// Tiles have 4 rows and 2 columns, blocks 256 rows and a depth of 256: one less, exact, one more.
const SIZES = [
  [1, 1, 1],
  [1, 5, 7],
  [3, 2, 4],
  [3, 9, 5],
  [4, 1, 6],
  [4, 2, 256],
  [5, 3, 257],
  [9, 1, 3],
  [8, 7, 255],
  [255, 2, 3],
  [256, 3, 2],
  [257, 2, 300],
  [2, 2, 0],
] as const;

/** An [rows, columns] matrix of small integers (products are exact), row- or column-major, away from offset 0. */
function matrix(rows: number, columns: number, transposed: boolean, step: number): MatrixView {
  const offset = 3;
  const data = Float64Array.from({ length: rows * columns + 5 }, (_, i) => ((i * step) % 13) - 6);
  return transposed
    ? { data, offset, rowStride: 1, columnStride: rows }
    : { data, offset, rowStride: columns, columnStride: 1 };
}

const at = (m: MatrixView, i: number, j: number): number => m.data[m.offset + i * m.rowStride + j * m.columnStride];

describe.each(SIZES)('[%i, %i] of depth %i', (m, n, k) => {
  test.each([
    [false, false, false],
    [true, false, false],
    [false, true, false],
    [true, true, true],
    [false, false, true],
  ])('transposed: a %s, b %s, c %s', (ta, tb, tc) => {
    const a = matrix(m, k, ta, 5);
    const b = matrix(k, n, tb, 7);
    const c = matrix(m, n, tc, 3);
    const before = { ...c, data: c.data.slice() };
    addProduct(m, n, k, a, b, c);
    // The definition, entry by entry; what lies around c stays as it was.
    const expected = before.data.slice();
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = at(before, i, j);
        for (let p = 0; p < k; p++) sum += at(a, i, p) * at(b, p, j);
        expected[c.offset + i * c.rowStride + j * c.columnStride] = sum;
      }
    }
    expect(c.data).toEqual(expected);
  });
});
