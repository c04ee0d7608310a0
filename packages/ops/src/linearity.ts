import type { Linearity } from '@pathwise/graph';

/** Never affine (or piecewise linear). */
export const never: Linearity = () => false;

/** In all inputs together: Add, Concat, Relu (piecewise). */
export const jointly: Linearity = () => true;

/** In these inputs together, the others constant: the data of Gather, the branches of Where. */
export function jointlyIn(...inputs: readonly number[]): Linearity {
  return (moving) => moving.every((i) => inputs.includes(i));
}

/** In each of these inputs alone, all others constant: the factors of Mul, MatMul, Conv; the numerator of Div. */
export function separatelyIn(...inputs: readonly number[]): Linearity {
  return (moving) => moving.length === 0 || (moving.length === 1 && inputs.includes(moving[0] as number));
}

/** Bilinear in two inputs, with others (a bias) added: affine unless both factors move. */
export function bilinearIn(a: number, b: number, ...added: readonly number[]): Linearity {
  return (moving) =>
    moving.every((i) => i === a || i === b || added.includes(i)) && !(moving.includes(a) && moving.includes(b));
}
