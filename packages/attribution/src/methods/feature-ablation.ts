import { ablatePlayers } from '../coalitions/occlude.ts';
import type { Method } from '../method.ts';
import { ablationClaims, coalitionMethod } from './occlusion.ts';

/**
 * What the target loses when a group of features is set to the baseline: A_i = v(all) - v(all but i).
 *
 * @source Zeiler, Fergus 2014, arXiv:1311.2901, for groups given by a mask
 */
export const featureAblation: Method = {
  ...coalitionMethod,
  id: 'feature-ablation',
  title: 'Feature ablation',
  summary: 'What the target loses when a feature, or a group of a mask, is set to the baseline.',
  params: [],
  claims: ablationClaims,
  reference: 'Zeiler, Fergus 2014, arXiv:1311.2901; Captum FeatureAblation',
  attribute: ablatePlayers,
};
