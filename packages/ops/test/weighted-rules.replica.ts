import type { WeightedRule } from '@pathwise/model';

/** A weighted node as a plain matrix: z_k = sum_j x_j w[j][k] + b_k; `real` says which weights exist (not padding). */
export interface MatrixNode {
  readonly x: readonly number[];
  readonly w: readonly (readonly number[])[];
  readonly real: readonly (readonly boolean[])[];
  readonly b: readonly number[];
}

const positive = (v: number): number => Math.max(v, 0);
const negative = (v: number): number => Math.min(v, 0);

/**
 * The rules once more, one relevance R_jk at a time, from the formulas of the papers: the share of input j in output k.
 *
 * @source Bach et al. 2015 (epsilon, alpha-beta); Montavon et al. 2017, arXiv:1512.02479 (z-plus, box, w2); Montavon et
 *   al. 2019 (gamma)
 */
export function replicaRelevance(
  { x, w, real, b }: MatrixNode,
  { rule, stabilizer, alpha = 1, gamma = 0, low = [0], high = [1], bias = 'absorb' }: WeightedRule,
  relevance: readonly number[],
): number[] {
  const constant = (k: number): number => (bias === 'absorb' ? (b[k] as number) : 0);
  /** Shares of a column in proportion to `parts`, the constant keeping its own. */
  const shared = (parts: number[], rest: number, r: number): number[] => {
    const z = parts.reduce((sum, part) => sum + part, rest);
    const stable = z + (z < 0 ? -stabilizer : stabilizer);
    return parts.map((part) => (stable === 0 ? 0 : (part * r) / stable));
  };
  const columns = relevance.map((r, k) => {
    const weights = w.map((row) => row[k] as number);
    const parts = weights.map((v, j) => v * (x[j] as number));
    switch (rule) {
      case 'epsilon':
        return shared(parts, constant(k), r);
      case 'z-plus':
        return shared(parts.map(positive), positive(constant(k)), r);
      case 'alpha-beta': {
        const up = shared(parts.map(positive), positive(constant(k)), r);
        const down = shared(parts.map(negative), negative(constant(k)), r);
        return up.map((v, j) => alpha * v - (alpha - 1) * (down[j] as number));
      }
      case 'gamma': {
        const z = parts.reduce((sum, part) => sum + part, b[k] as number);
        const enlarged = z > 0 ? positive : negative;
        const grow = (v: number): number => v + gamma * enlarged(v);
        return z === 0 ? parts.map(() => 0) : shared(parts.map(grow), grow(constant(k)), r);
      }
      case 'box':
        return shared(
          weights.map(
            (v, j) => v * (x[j] as number) - positive(v) * (low[0] as number) - negative(v) * (high[0] as number),
          ),
          0,
          r,
        );
      case 'w2':
        return shared(
          weights.map((v) => v * v),
          constant(k) ** 2,
          r,
        );
      default:
        return shared(
          real.map((row) => Number(row[k])),
          0,
          r,
        );
    }
  });
  return x.map((_, j) => columns.reduce((sum, column) => sum + (column[j] as number), 0));
}
