/** Axioms that methods claim and `pathwise check` tests. */
export type AxiomId =
  | 'completeness'
  | 'sensitivity-a'
  | 'dummy'
  | 'linearity'
  | 'symmetry'
  | 'implementation-invariance'
  | 'affine-scale-invariance'
  | 'proportionality'
  | 'non-decreasing-positivity';
