import { slideWindows, windowParams } from '../coalitions/occlude.ts';
import type { Method } from '../method.ts';
import { coalitionMethod } from './occlusion.ts';

/**
 * Occlusion by a patch that slides over the input; by default an eighth of every axis but the first (channels), side by
 * side.
 *
 * @source Zeiler, Fergus 2014, arXiv:1311.2901, section 4.2
 */
export const occlusionPatch: Method = {
  ...coalitionMethod,
  id: 'occlusion-patch',
  title: 'Patch occlusion',
  summary: 'What the target loses when a patch of the input is set to the baseline.',
  takes: { ...coalitionMethod.takes, featureMask: false },
  params: windowParams,
  claims: ['linearity', 'implementation-invariance', 'affine-scale-invariance', 'non-decreasing-positivity'],
  reference: 'Zeiler, Fergus 2014, arXiv:1311.2901',
  attribute: (context) => slideWindows(context, true),
};
