import type { OpBuilder } from '../builder.ts';

/** |x|^p of every element. */
export function powers(x: Float64Array, p: number): Float64Array {
  const out = new Float64Array(x.length);
  if (p === 1) for (let i = 0; i < x.length; i++) out[i] = Math.abs(x[i]);
  else if (p === 2) for (let i = 0; i < x.length; i++) out[i] = x[i] * x[i];
  else for (let i = 0; i < x.length; i++) out[i] = Math.abs(x[i]) ** p;
  return out;
}

/** The p-th roots, in place. */
export function roots(sums: Float64Array, p: number): Float64Array {
  if (p === 2) for (let i = 0; i < sums.length; i++) sums[i] = Math.sqrt(sums[i]);
  else if (p !== 1) for (let i = 0; i < sums.length; i++) sums[i] **= 1 / p;
  return sums;
}

// y = (sum |x|^p)^(1/p):  dy/dx = sign(x) |x|^(p-1) / y^(p-1), and 0 where y = 0 (a kink).

/** Emits the factor of the derivative that depends on x. */
export function lpFactor(b: OpBuilder, x: string, p: number): string {
  if (p === 2) return x;
  const sign = b.unary('Sign', x);
  return p === 1 ? sign : b.mul(sign, b.pow(b.unary('Abs', x), p - 1));
}

/** Emits dy times the factor of the derivative that depends on y; where y = 0 the other factor is 0. */
export function lpShare(b: OpBuilder, y: string, dy: string, p: number): string {
  if (p === 1) return dy;
  const norm = p === 2 ? y : b.pow(y, p - 1);
  return b.div(dy, b.where(b.equal(y, 0), 1, norm));
}
