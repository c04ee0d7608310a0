import { straightPathClaims } from '../axioms/axiom.ts';
import { integrateCoalitions } from '../coalitions/coalition-paths.ts';
import { playersOf } from '../coalitions/players.ts';
import { everyoneBut, nobody } from '../evaluate/coalition-rounds.ts';
import { l1, relativeError } from '../evaluate/integral.ts';
import { resolveIntegration } from '../integration.ts';
import type { Method } from '../method.ts';
import { contributionOutcome, splitRows } from '../outcome.ts';
import { featureCount } from '../path.ts';
import { oneBaselinePaths } from './baseline-set.ts';

/**
 * Integrated gradients of one word after another: a token, or group of features, moves alone from its baseline to the
 * input while all others are at the input. Its attributions sum to F(x) - F(x with it at its baseline).
 *
 * @source Enguehard 2023, Sequential Integrated Gradients, arXiv:2305.15853
 */
export const sequentialIntegratedGradients: Method = {
  id: 'sequential-integrated-gradients',
  title: 'Sequential integrated gradients',
  summary: 'Integrated gradients of one token at a time, the others as they are in the text.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'one', layer: false, neuron: false, quadrature: true, featureMask: true },
  params: [],
  unit: 'contribution',
  claims: straightPathClaims.filter((axiom) => axiom !== 'completeness' && axiom !== 'proportionality'),
  reference: 'Enguehard 2023, arXiv:2305.15853',
  async attribute(context) {
    const { request, rows, sources, target } = context;
    const integration = resolveIntegration(request);
    const players = playersOf(context);
    const { paths: single } = await oneBaselinePaths(context, target.objective);
    const from = new Array<number>(rows).fill(0);
    await integrateCoalitions(context, single, players, [nobody(players.count)], {
      integration: null,
      visit: ({ row, output }) => {
        from[row] = output;
      },
    });

    const zeros = (): Float64Array[] => Array.from({ length: rows }, () => new Float64Array(featureCount(single)));
    const [sums, deviations] = [zeros(), zeros()];
    const totals = new Array<number | null>(rows).fill(0);
    const met = new Array<boolean | null>(rows).fill(true);
    const others = players.ids.map((_, player) => everyoneBut(player, players.count));
    const wantsErrors = request.standardErrors === true;
    const warnings = await integrateCoalitions(context, single, players, others, {
      integration,
      standardErrors: wantsErrors,
      visit({ row, coalition, contributions, error, met: own, standardErrors }) {
        for (const e of players.elements[coalition]) {
          sums[row][e] = contributions?.[e] ?? 0;
          deviations[row][e] = standardErrors?.[e] ?? 0;
        }
        const total = totals[row];
        totals[row] = total === null || error === null ? null : total + error;
        met[row] = own === null ? null : met[row] === true && own;
      },
    });
    const errors = totals.map((total, row) => (total === null ? null : relativeError(total, l1(sums[row]))));
    const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
    return {
      ...contributionOutcome(context, single, sums, from),
      error: allOrNull(errors),
      errorMet: allOrNull(met),
      ...(wantsErrors ? { standardErrors: splitRows(single.moving, deviations, batched) } : {}),
      ...(integration.kind === 'exact' ? { exact: true } : {}),
      warnings,
    };
  },
};

function allOrNull<T>(list: readonly (T | null)[]): readonly T[] | null {
  return list.every((value) => value !== null) ? list : null;
}
