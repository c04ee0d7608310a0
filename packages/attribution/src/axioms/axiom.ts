/** Axioms that methods claim. */
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

/**
 * `held`: on this model at these inputs, with the deviation seen; nothing is proved. `proved`: the same, of an axiom that
 * holds by construction of the method, so that the trials were a check of the code.
 */
export type Verdict = 'proved' | 'held' | 'violated' | 'not-applicable' | 'error';

/** One axiom of a method on a model. Deviations are absolute; `deviation <= tolerance * scale` holds. */
export interface AxiomEntry {
  readonly axiom: AxiomId;
  /** The method's registry entry claims it. */
  readonly claimed: boolean;
  readonly verdict: Verdict;
  /** Of the worst trial. */
  readonly deviation: number | null;
  readonly scale: number | null;
  readonly tolerance: number | null;
  readonly trials: number;
  readonly worst: { readonly row: number; readonly feature: number | null; readonly trial: number } | null;
  readonly note: string;
}

/** What a check found, before it is known whether the method claims the axiom. */
export type Finding = Omit<AxiomEntry, 'axiom' | 'claimed'>;

/** One comparison of a check. */
export interface Trial {
  readonly row: number;
  /** Flat index over all attributed elements of the row, or null for a statement about all of them. */
  readonly feature: number | null;
  readonly deviation: number;
  readonly scale: number;
}

/** The verdict over trials: the one whose deviation is largest for its scale decides. */
export function judge(trials: readonly Trial[], tolerance: number, note: string): Finding {
  if (trials.length === 0) return notApplicable('no trial changed the target enough to say anything');
  const ratio = ({ deviation, scale }: Trial): number => (deviation === 0 ? 0 : deviation / scale);
  const worst = trials.reduce((a, b) => (ratio(b) > ratio(a) ? b : a));
  return {
    verdict: ratio(worst) <= tolerance ? 'held' : 'violated',
    deviation: worst.deviation,
    scale: worst.scale,
    tolerance,
    trials: trials.length,
    worst: { row: worst.row, feature: worst.feature, trial: trials.indexOf(worst) },
    note,
  };
}

export function notApplicable(note: string): Finding {
  const empty = { deviation: null, scale: null, tolerance: null, worst: null };
  return { verdict: 'not-applicable', ...empty, trials: 0, note };
}

/** What integrated gradients satisfy, of the target or of an inner unit: by construction, or up to quadrature error. */
export const straightPathClaims: readonly AxiomId[] = [
  'completeness',
  'sensitivity-a',
  'dummy',
  'linearity',
  'symmetry',
  'implementation-invariance',
  'affine-scale-invariance',
  'proportionality',
  'non-decreasing-positivity',
];
