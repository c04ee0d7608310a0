import { perChannel, total, weightedSum } from '../cam/activation-map.ts';
import { camOutcome, gridParam, reluParam } from '../cam/cam-outcome.ts';
import type { Method } from '../method.ts';

/**
 * Where a layer speaks for the target: L = relu(sum_k w_k A_k), w_k the mean over positions of dF/dA_k. The map has the
 * layer's size; pictures enlarge it.
 *
 * @source Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra 2017, arXiv:1610.02391, equations 1 and 2
 */
export const gradCam: Method = {
  id: 'grad-cam',
  title: 'Grad-CAM',
  summary: 'Where in a layer the target finds what speaks for it: activations weighted by mean gradients.',
  modalities: ['image', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  fromLogits: true,
  takes: { target: true, baseline: 'none', layer: 'chosen', neuron: false, quadrature: false },
  params: [reluParam, gridParam],
  unit: 'contribution',
  claims: [],
  reference: 'Selvaraju et al. 2017, arXiv:1610.02391',
  attribute: (context) =>
    camOutcome(
      context,
      (maps) =>
        weightedSum(
          maps,
          perChannel(maps, (gradients) => total(gradients) / maps.positions),
        ),
      context.params['relu'] === true,
    ),
};
