import type { Linearity } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { jointlyIn } from '../linearity.ts';

export type ScatterReduction = 'none' | 'add' | 'mul' | 'max' | 'min';

export const SCATTER_REDUCTIONS: readonly ScatterReduction[] = ['none', 'add', 'mul', 'max', 'min'];

/** Scattering is linear in data and updates when they replace or are added. */
export const linearScatter: Linearity = (moving, attrs) =>
  jointlyIn(0, 2)(moving, attrs) && ['none', 'add'].includes(attrs['reduction'] as string);

/** Puts updates into `out` at the positions `at`, in order, combining with what is there. */
export function scatterInto(
  out: Float64Array,
  at: Uint32Array,
  updates: Float64Array,
  reduction: ScatterReduction,
): void {
  switch (reduction) {
    case 'none':
      for (let i = 0; i < at.length; i++) out[at[i]] = updates[i];
      return;
    case 'add':
      for (let i = 0; i < at.length; i++) out[at[i]] += updates[i];
      return;
    case 'mul':
      for (let i = 0; i < at.length; i++) out[at[i]] *= updates[i];
      return;
    case 'max':
      for (let i = 0; i < at.length; i++) out[at[i]] = Math.max(out[at[i]], updates[i]);
      return;
    case 'min':
      for (let i = 0; i < at.length; i++) out[at[i]] = Math.min(out[at[i]], updates[i]);
      return;
  }
}

/** What the gradient rules of the scattering ops share; `scatter` and `gather` are the op and its look-up counterpart. */
export interface ScatterRefs {
  readonly data: string;
  readonly updates: string;
  readonly out: string;
  readonly dy: string;
  /** Emits the scattering op on other data and updates, at the same indices. */
  readonly scatter: (data: string, updates: string, reduction: ScatterReduction) => string;
  /** Emits the look-up of the elements that the indices point to: the shape of `updates`. */
  readonly gather: (from: string) => string;
}

/** Cotangents of data and updates. */
export function scatterGradient(
  b: OpBuilder,
  refs: ScatterRefs,
  reduction: ScatterReduction,
): [data: string, updates: string] {
  const { dy, updates, scatter, gather } = refs;
  switch (reduction) {
    case 'none':
      return [scatter(dy, b.zeros(b.shape(updates), updates), 'none'), gather(dy)];
    case 'add':
      return [dy, gather(dy)];
    case 'mul':
      return productGradient(b, refs);
    case 'max':
    case 'min':
      return winnerGradient(b, refs);
  }
}

/** The derivative by one factor is the product of the others, found without dividing by zeros: they are counted. */
function productGradient(b: OpBuilder, { data, updates, dy, scatter, gather }: ScatterRefs): [string, string] {
  const isZero = (x: string): string => b.castLike(b.equal(x, 0), x);
  const filled = (x: string): string => b.where(b.equal(x, 0), 1, x);
  const product = scatter(filled(data), filled(updates), 'mul');
  const zeros = scatter(isZero(data), isZero(updates), 'add');
  const by = (factor: string, theProduct: string, theZeros: string): string =>
    b.mask(b.equal(theZeros, isZero(factor)), b.div(theProduct, filled(factor)));
  return [b.mul(dy, by(data, product, zeros)), b.mul(gather(dy), by(updates, gather(product), gather(zeros)))];
}

/** The first of the equal ones takes all: the data, then the updates in order. */
function winnerGradient(b: OpBuilder, { data, updates, out, dy, scatter, gather }: ScatterRefs): [string, string] {
  const shape = b.shape(updates);
  const count = shape.reduce((size, d) => size * d, 1);
  const order = b.constant({
    dtype: b.type(updates).dtype,
    shape,
    data: Float64Array.from({ length: count }, (_, i) => i),
  });
  const nobody = b.scalar(count, b.type(updates).dtype);
  const dataWins = b.equal(data, out);
  const candidate = b.where(b.equal(updates, gather(out)), order, nobody);
  const firstAt = scatter(b.where(dataWins, -1, b.expand(nobody, b.shape(data))), candidate, 'min');
  return [b.mask(dataWins, dy), b.mask(b.equal(order, gather(firstAt)), gather(dy))];
}
