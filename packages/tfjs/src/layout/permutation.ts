import { allocate, isFloat, stridesOf, type Shape, type Tensor } from '@pathwise/model';

/** Axis i of a channels-first tensor is axis order[i] of the tensor as written: 0, 3, 1, 2 for an image. */
export function channelsFirstOrder(rank: number): number[] {
  if (rank < 3) return Array.from({ length: rank }, (_, i) => i);
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** The permutation that undoes `perm`. */
export function inverseOf(perm: readonly number[]): number[] {
  const inverse = new Array<number>(perm.length);
  for (const [i, axis] of perm.entries()) inverse[axis] = i;
  return inverse;
}

export function isIdentityOrder(perm: readonly number[]): boolean {
  return perm.every((axis, i) => axis === i);
}

/** Whether the permutation moves axes of size 1 only, so that the elements stay in their order. */
export function keepsOrder(shape: Shape, perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > (moved[i - 1] as number));
}

/** The shape whose axis i is axis perm[i] of `shape`. */
export function permuted(shape: Shape, perm: readonly number[]): number[] {
  return perm.map((axis) => shape[axis] as number);
}

/** A tensor that has its channels second, with them last. */
export function channelsLast(t: Tensor): Tensor {
  return permuteTensor(t, inverseOf(channelsFirstOrder(t.shape.length)));
}

/** A constant with its axes permuted, in the same kind of array: axis i of the result is axis perm[i]. */
export function permuteTensor(t: Tensor, perm: readonly number[]): Tensor {
  const shape = permuted(t.shape, perm);
  if (keepsOrder(t.shape, perm)) return { ...t, shape };
  const own = stridesOf(t.shape);
  const strides = perm.map((axis) => own[axis] as number);
  const wide = isFloat(t.dtype) && t.data instanceof Float64Array;
  const data = allocate(wide ? 'float64' : t.dtype, t.data.length);
  const position = new Array<number>(shape.length).fill(0);
  for (let i = 0, from = 0; i < data.length; i++) {
    data[i] = t.data[from] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      if (++(position[axis] as number) < (shape[axis] as number)) break;
      from -= (strides[axis] as number) * (shape[axis] as number);
      position[axis] = 0;
    }
  }
  return { dtype: t.dtype, shape, data };
}
