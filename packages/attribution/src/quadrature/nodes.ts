/** Nodes in [0, 1], ascending, and weights that sum to 1. */
export interface Nodes {
  readonly alphas: Float64Array;
  readonly weights: Float64Array;
}
