import { argumentError } from '@pathwise/model';
import type { AxiomId } from '../axioms/axiom.ts';
import { ablatePlayers, slideWindows, windowParams } from '../coalitions/occlude.ts';
import type { Method } from '../method.ts';

/** What all methods that only switch features on and off have in common. */
export const coalitionMethod: Pick<Method, 'modalities' | 'needs' | 'takes' | 'unit'> = {
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['predict'],
  takes: { target: true, baseline: 'set', layer: false, neuron: false, quadrature: false, featureMask: true },
  unit: 'contribution',
};

/** Of differences to F(x) where single features, or groups, are removed. */
export const ablationClaims: readonly AxiomId[] = [
  'sensitivity-a',
  'dummy',
  'linearity',
  'symmetry',
  'implementation-invariance',
  'affine-scale-invariance',
  'non-decreasing-positivity',
];

/**
 * What the target loses when a feature is set to its baseline: A_i = F(x) - F(x with x_i = x'_i). With a window, what it
 * loses when all of the window is; with a feature mask, when the group is.
 *
 * @source Zeiler, Fergus 2014, arXiv:1311.2901; the difference form: Ancona et al. 2018, arXiv:1711.06104
 */
export const occlusion: Method = {
  ...coalitionMethod,
  id: 'occlusion',
  title: 'Occlusion',
  summary: 'What the target loses when a feature, or a sliding window, is set to the baseline.',
  params: windowParams,
  claims: ablationClaims,
  reference: 'Zeiler, Fergus 2014, arXiv:1311.2901',
  attribute(context) {
    const { request, params, method } = context;
    if (request.featureMask === undefined) return slideWindows(context, false);
    const windowed = windowParams.find(({ name, default: usual }) => String(params[name]) !== String(usual));
    if (windowed !== undefined) {
      throw argumentError(method, windowed.name, 'no windows beside a feature mask', params[windowed.name]);
    }
    return ablatePlayers(context);
  },
};
