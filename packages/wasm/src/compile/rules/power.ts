import type { Emitter } from '../emitter.ts';
import type { View } from '../view.ts';

/** x to a power of a quarter, half or whole number up to 4, or null. */
export function quarterPower(e: Emitter, x: View, exponent: number): View | null {
  const quarters = Math.abs(exponent) * 4;
  if (!Number.isInteger(quarters) || quarters < 1 || quarters > 16) return null;
  const whole = Math.floor(quarters / 4);
  const factors: View[] = [];
  if (quarters % 4 !== 0) {
    const root = e.map('squareRoot', [x]);
    if (quarters % 4 !== 1) factors.push(root);
    if (quarters % 2 === 1) factors.push(e.map('squareRoot', [root]));
  }
  for (let i = 0; i < whole; i++) factors.push(x);
  const product = factors.reduce((left, right) => e.map('multiply', [left, right]));
  if (exponent < 0) return e.map('reciprocal', [product]);
  return product === x ? e.map('copy', [x]) : product;
}

/** x to a known power; those that are not roots and products take a logarithm for every element. */
export function powerOf(e: Emitter, x: View, exponent: number): View {
  return quarterPower(e, x, exponent) ?? e.map('power', [x, e.scalar(exponent)]);
}
