import type { DeepLiftPropagation, Params } from '@pathwise/model';
import type { ParamSpec } from '../params.ts';

/** Parameters that all forms of DeepLIFT share. */
export const deepLiftParams: readonly ParamSpec[] = [
  {
    name: 'pool',
    type: 'choice',
    default: 'cross',
    choices: ['cross', 'winner'],
    doc: 'Maxima over windows: a rule that is complete, or the winner takes all.',
  },
  {
    name: 'nearZero',
    type: 'number',
    default: -1,
    min: -1,
    doc: 'Differences up to it count as 0; -1: 1e-10 in float64, 1e-6 in float32.',
  },
];

/** The factor of the difference can be left out. */
export const multiplyByInputsParam: ParamSpec = {
  name: 'multiplyByInputs',
  type: 'boolean',
  default: true,
  doc: 'Multiply by x - baseline; without it the result is the multiplier.',
};

/** Ops that make the activations behind them use rescale. */
export const rescaleAfterParam: ParamSpec = {
  name: 'rescaleAfter',
  type: 'choice',
  default: 'none',
  choices: ['none', 'Conv', 'Gemm', 'MatMul'],
  doc: 'Activations behind weights of this op use rescale; Conv is what the authors call the genomics default.',
};

/** The backward pass that the parameters mean. */
export function deepLiftPropagation(params: Params, rule: DeepLiftPropagation['rule']): DeepLiftPropagation {
  const nearZero = params['nearZero'] as number;
  const after = (params['rescaleAfter'] ?? 'none') as string;
  return {
    kind: 'deep-lift',
    rule,
    rescaleAfter: after === 'none' ? [] : [after],
    pool: params['pool'] as DeepLiftPropagation['pool'],
    nearZero: nearZero < 0 ? null : nearZero,
  };
}
