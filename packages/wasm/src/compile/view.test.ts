import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { sizeOf, stridesOf } from '@pathwise/model';
import {
  broadcastTo,
  denseStrides,
  isRowMajor,
  loopsOver,
  memoryOrder,
  reshaped,
  sliced,
  transposed,
  type View,
} from './view.ts';

/** Places of all elements in row-major order. */
function places({ shape, strides, offset }: Pick<View, 'shape' | 'strides' | 'offset'>): number[] {
  const rowMajor = stridesOf(shape);
  return Array.from({ length: sizeOf(shape) }, (_, i) =>
    shape.reduce((at, size, axis) => at + (Math.floor(i / rowMajor[axis]!) % size) * strides[axis]!, offset),
  );
}

const dense = (shape: readonly number[], order?: readonly number[]): View => ({
  buffer: { size: sizeOf(shape) },
  offset: 0,
  shape,
  strides: denseStrides(shape, order),
});

/** A dense tensor whose axes lie in memory in any order. */
const anyView = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }).chain((shape) =>
  fc
    .shuffledSubarray(
      shape.map((_, axis) => axis),
      { minLength: shape.length },
    )
    .map((order) => dense(shape, order)),
);

describe('views', () => {
  test('strides of channels last: [n, c, h, w] in the order n, h, w, c', () => {
    expect(denseStrides([2, 3, 4, 5], [0, 2, 3, 1])).toEqual([60, 1, 15, 3]);
  });

  test('transposing, slicing backwards and broadcasting move places as they move elements', () => {
    const x = dense([2, 3]);
    expect(places(transposed(x, [1, 0]))).toEqual([0, 3, 1, 4, 2, 5]);
    expect(places(sliced(x, 1, 2, 2, -2))).toEqual([2, 0, 5, 3]);
    expect(places(broadcastTo(x, [2, 2, 3]))).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
  });

  test('a dense tensor is row-major in its own order only', () => {
    expect(isRowMajor(dense([2, 3, 1]))).toBe(true);
    expect(isRowMajor(dense([2, 3], [1, 0]))).toBe(false);
    expect(isRowMajor(dense([1, 3], [1, 0]))).toBe(true);
  });

  test('reshaping keeps every place or says that it cannot', () => {
    fc.assert(
      fc.property(anyView, fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 5 }), (view, start) => {
        // A shape of as many elements: what `start` leaves goes to one more axis, if it divides.
        const rest = sizeOf(view.shape) / sizeOf(start);
        fc.pre(Number.isInteger(rest));
        const shape = [...start, rest];
        const result = reshaped(view, shape);
        if (result !== null) expect(places(result)).toEqual(places(view));
        else expect(isRowMajor(view)).toBe(false);
      }),
    );
  });

  test('axes of size 1 come and go in any layout', () => {
    const x = dense([1, 6, 2, 2], [0, 2, 3, 1]);
    expect(reshaped(x, [6, 1, 2, 2])?.strides).toEqual([1, 0, 12, 6]);
    expect(reshaped(x, [6, 4])?.strides).toEqual([1, 6]);
    expect(reshaped(x, [24])).toBeNull();
  });

  test('loops visit every element of all views together', () => {
    fc.assert(
      fc.property(anyView, anyView, (a, other) => {
        const b = {
          ...dense(a.shape),
          strides: other.strides.length === a.shape.length ? a.shape.map((_, i) => i + 1) : a.shape.map(() => 0),
        };
        const { sizes, strides } = loopsOver(a.shape, [a.strides, b.strides]);
        const walked = (list: readonly number[]): number[] => places({ shape: sizes, strides: list, offset: 0 });
        const pairs = (x: readonly number[], y: readonly number[]): string[] =>
          x.map((at, i) => `${at},${y[i]}`).sort();
        expect(pairs(walked(strides[0]!), walked(strides[1]!))).toEqual(pairs(places(a), places(b)));
      }),
    );
  });

  test('dense views of one layout take one loop', () => {
    const { strides } = dense([2, 3, 4, 5], [0, 2, 3, 1]);
    expect(loopsOver([2, 3, 4, 5], [strides, strides])).toEqual({ sizes: [120], strides: [[1], [1]] });
    expect(memoryOrder(strides)).toEqual([0, 2, 3, 1]);
  });
});
