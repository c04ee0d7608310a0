import type { Params, RelevancePropagation, Warning, WeightedRule } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Method, Outcome } from '../method.ts';
import type { ParamSpec } from '../params.ts';
import { relevanceOutcome } from '../propagation/relevance-outcome.ts';
import { relevanceParams, stabilizerParam } from '../propagation/relevance-params.ts';
import { lrpEpsilon } from './lrp-epsilon.ts';

/** A loss of relevance that is more than rounding, relative to F. */
const LOSS = 1e-6;

const bounds: readonly ParamSpec[] = relevanceParams.filter(({ name }) => name === 'low' || name === 'high');

/**
 * Deep Taylor decomposition of ReLU networks: the relevance of each unit is expanded to first order at a root of it.
 * z-plus without bias on hidden weights; next to the input the w2 rule (inputs of any value), the box rule, or z-plus
 * for inputs that are not negative. Starts at max(0, F); all relevance is non-negative and sums to it.
 *
 * @source Montavon, Lapuschkin, Binder, Samek, Mueller 2017, Pattern Recognition 65, arXiv:1512.02479
 */
export const deepTaylor: Method = {
  ...lrpEpsilon,
  id: 'deep-taylor',
  title: 'Deep Taylor decomposition',
  summary: 'Non-negative relevance of a ReLU network that sums to the positive part of the target.',
  modalities: ['image', 'tabular', 'series', 'audio'],
  params: [
    {
      name: 'input',
      type: 'choice',
      default: 'w2',
      choices: ['w2', 'box', 'z-plus'],
      doc: 'Rule next to the input: inputs of any value, between low and high, or not negative.',
    },
    ...bounds,
    { ...stabilizerParam, default: 0 } as ParamSpec,
  ],
  reference: 'Montavon et al. 2017, arXiv:1512.02479',
  propagation: deepTaylorPropagation,
  attribute: attributeByDeepTaylor,
};

function deepTaylorPropagation(params: Params): RelevancePropagation {
  const stabilizer = params['stabilizer'] as number;
  const rule = (name: WeightedRule['rule']): WeightedRule => ({
    rule: name,
    stabilizer,
    bias: 'ignore',
    low: params['low'] as readonly number[],
    high: params['high'] as readonly number[],
  });
  const classes = ['weighted-linear'];
  return {
    kind: 'relevance',
    composite: [
      { match: { classes, first: true }, rule: rule(params['input'] as 'w2') },
      { match: { classes }, rule: rule('z-plus') },
    ],
    stabilizer,
    start: 'positive',
    add: 'epsilon',
    mul: 'gate-aware',
    norm: 'detach',
    attention: 'bilinear',
    activations: ['Relu'],
  };
}

async function attributeByDeepTaylor(context: Context): Promise<Outcome> {
  const outcome = await relevanceOutcome(context, deepTaylor);
  const { outputAtInput } = context;
  const rowsWhere = (test: (output: number, row: number) => boolean): number[] =>
    outputAtInput.flatMap((output, row) => (test(output, row) ? [row] : []));
  const warnings: Warning[] = [];
  const none = rowsWhere((output) => output <= 0);
  if (none.length > 0) {
    const message = `the target is not positive in row ${none.join(', ')}: there is nothing to share out`;
    warnings.push({ code: 'target-not-positive', message });
  }
  const deltas = outcome.convergenceDelta ?? [];
  const lossy = rowsWhere((output, row) => output > 0 && Math.abs(deltas[row] as number) > LOSS * output);
  if (lossy.length > 0) {
    const shares = lossy.map((row) => (-(deltas[row] as number) / (outputAtInput[row] as number)).toPrecision(2));
    const message = `units without a positive part lost relevance in row ${lossy.join(', ')}: ${shares.join(', ')} of the target`;
    warnings.push({ code: 'relevance-lost', message });
  }
  return { ...outcome, warnings: [...(outcome.warnings ?? []), ...warnings] };
}
