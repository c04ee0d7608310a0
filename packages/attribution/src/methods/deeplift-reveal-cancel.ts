import type { Method } from '../method.ts';
import {
  deepLiftParams,
  deepLiftPropagation,
  multiplyByInputsParam,
  rescaleAfterParam,
} from '../propagation/deep-lift-params.ts';
import { oneBaselinePaths } from './baseline-set.ts';
import { deepliftRescale, deepLiftOutcome } from './deeplift-rescale.ts';

/**
 * DeepLIFT with the reveal-cancel rule: every tensor carries what raised and what lowered it apart, each with a
 * multiplier of its own; an activation shares its change between the two as Shapley values. What cancels is seen.
 *
 * @source Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685, sections 3.5.1 and 3.5.3
 */
export const deepliftRevealCancel: Method = {
  ...deepliftRescale,
  id: 'deeplift-reveal-cancel',
  title: 'DeepLIFT, reveal-cancel',
  summary: 'DeepLIFT that keeps what raised and what lowered a node apart, so that effects that cancel are seen.',
  takes: { ...deepliftRescale.takes, layer: false },
  params: [rescaleAfterParam, ...deepLiftParams, multiplyByInputsParam],
  claims: ['completeness', 'sensitivity-a', 'linearity', 'affine-scale-invariance'],
  propagation: (params) => deepLiftPropagation(params, 'reveal-cancel'),
  async attribute(context) {
    const path = await oneBaselinePaths(context, context.target.objective);
    return deepLiftOutcome(context, deepliftRevealCancel, path);
  },
};
