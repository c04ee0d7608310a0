import type { Propagation, Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Method, Outcome } from '../method.ts';
import { splitRows } from '../outcome.ts';
import type { ParamSpec } from '../params.ts';
import { propagatePaths } from '../propagation/propagate-paths.ts';
import { gradientPaths } from './gradient.ts';

/** The parameter of methods that change the gradient of rectifiers. */
export const rectifiersParam: ParamSpec = {
  name: 'rectifiers',
  type: 'choice',
  default: 'relu',
  choices: ['relu', 'all'],
  doc: 'Relu alone, or LeakyRelu, PRelu, Elu and Clip from 0 (ReLU6) too.',
};

/**
 * A gradient that passes a rectifier only where the rectifier is active and the gradient positive: at y = relu(x), with
 * g the sum over all that y feeds, relu(g) where x > 0. Signed, not multiplied by the input.
 *
 * @source Springenberg, Dosovitskiy, Brox, Riedmiller 2014, Striving for Simplicity, arXiv:1412.6806, section 3.4
 */
export const guidedBackprop: Method = {
  id: 'guided-backprop',
  title: 'Guided backpropagation',
  summary: 'A gradient that passes rectifiers only where they are active and it is positive.',
  modalities: ['image', 'tabular', 'series', 'audio'],
  needs: ['propagate'],
  takes: { target: true, baseline: 'none', layer: false, neuron: false, quadrature: false },
  params: [rectifiersParam],
  unit: 'per-unit',
  claims: [],
  reference: 'Springenberg et al. 2014, arXiv:1412.6806',
  propagation: ({ rectifiers }): Propagation => ({
    kind: 'rectified',
    gated: true,
    rectifiers: rectifiers === 'all' ? 'all' : 'relu',
  }),
  attribute: (context) => rectifiedGradient(context, guidedBackprop),
};

/** The values that a method's propagation carries to the input, as attributions. */
export async function rectifiedGradient(context: Context, method: Method): Promise<Outcome> {
  const propagation = method.propagation?.(context.params) as Propagation;
  const paths = await gradientPaths(context);
  const { vectors, isGradient } = await propagatePaths(paths, propagation, context.evaluation);
  const batched = (name: string): boolean => context.sources.find((s) => s.name === name)?.batched ?? true;
  const message =
    'no rectifier lies between input and target: this is the gradient. rectifiers=all counts ReLU6 and others';
  const warnings: Warning[] = isGradient ? [{ code: 'no-rectifier', message }] : [];
  return { attributions: splitRows(paths.moving, vectors, batched), outputAtInput: context.outputAtInput, warnings };
}
