import { PathwiseError, type DifferentiableModel } from '@pathwise/model';
import { playersOf } from '../coalitions/players.ts';
import type { AttributionRequest } from '../request.ts';
import type { AxiomEntry, Verdict } from './axiom.ts';
import { FRONT_INPUT, zTensor, type Front } from './front-model.ts';
import type { Subject } from './subject.ts';

/** A model of the players of one row: z_k = 1 where player k has its value of x, 0 where it has the baseline's. */
export interface PlayersRow {
  readonly row: number;
  /** z -> F with the players of z present; of another model that takes the same inputs too. */
  modelOf(other?: DifferentiableModel): DifferentiableModel;
  readonly request: AttributionRequest;
}

/**
 * The rows of a request with a feature mask as models whose features are the players. Between 0 and 1 a player's elements
 * move together from the baseline to x; elements of no player keep their value. Over a set of baselines F is the mean.
 * @throws PathwiseError BAD_ARGUMENT, BAD_SHAPE for a mask that does not fit, and for baselines of unequal weights
 */
export function playerRows(subject: Subject): { readonly count: number; readonly rows: readonly PlayersRow[] } {
  const { context, request, weights } = subject;
  if (weights.some((weight) => Math.abs(weight - (weights[0] as number)) > 1e-9)) {
    throw new PathwiseError(
      'BAD_ARGUMENT',
      'check: baselines of unequal weights cannot be checked with a feature mask',
    );
  }
  const { count, ofElement } = playersOf(context);
  const ones = new Float64Array(count).fill(1);
  const rows = subject.places.map(({ row, x, set }): PlayersRow => {
    const fronts = set.map((from): Front => ({
      apply: (z) =>
        x.map((value, i) => {
          const player = ofElement[i] as number;
          const share = player < 0 ? 1 : (z[player] as number);
          return (1 - share) * (from[i] as number) + share * value;
        }),
      transpose: (g) => {
        const sums = new Float64Array(count);
        for (const [i, value] of g.entries()) {
          const player = ofElement[i] as number;
          if (player >= 0) sums[player] = (sums[player] as number) + value * ((x[i] as number) - (from[i] as number));
        }
        return sums;
      },
    }));
    const { featureMask: _, constants: __, known: ___, ...rest } = request;
    return {
      row,
      modelOf: (other) => subject.frontsOf(row, fronts, count, other),
      request: {
        ...rest,
        inputs: { [FRONT_INPUT]: zTensor([ones]) },
        baseline: zTensor([new Float64Array(count)]),
        target: subject.targets[row],
      },
    };
  });
  return { count, rows };
}

const SEVERITY: readonly Verdict[] = ['not-applicable', 'proved', 'held', 'error', 'violated'];

/** One entry an axiom for all rows: the worst verdict, and of equals the largest deviation. */
export function worstEntries(
  rows: readonly { readonly row: number; readonly axioms: readonly AxiomEntry[] }[],
): AxiomEntry[] {
  const ratio = ({ deviation, scale }: AxiomEntry): number =>
    deviation === null || deviation === 0 ? 0 : deviation / (scale ?? 1);
  const [first] = rows;
  return (first?.axioms ?? []).map((_, at) => {
    const own = rows.map(({ row, axioms }) => {
      const entry = axioms[at] as AxiomEntry;
      return { ...entry, worst: entry.worst === null ? null : { ...entry.worst, row } };
    });
    const worst = own.reduce((a, b) => {
      const order = SEVERITY.indexOf(b.verdict) - SEVERITY.indexOf(a.verdict);
      return order > 0 || (order === 0 && ratio(b) > ratio(a)) ? b : a;
    });
    return { ...worst, trials: own.reduce((sum, { trials }) => sum + trials, 0) };
  });
}
