import type { Warning } from '@pathwise/model';
import { perChannel, total, weightedSum, type ChannelMaps } from '../cam/activation-map.ts';
import { camOutcome, gridParam } from '../cam/cam-outcome.ts';
import type { Method } from '../method.ts';

/**
 * Grad-CAM with a weight for each position: w_k = sum_i a_ki relu(g_ki), a_ki = 1 / (2 + S_k g_ki) where g_ki > 0, S_k the
 * sum of A_k; L = relu(sum_k w_k A_k). For Y = exp(F) with F linear in the layer; the factor exp(F) of the paper is left
 * out, so that maps are defined up to a positive factor a row.
 *
 * @source Chattopadhyay, Sarkar, Howlader, Balasubramanian 2018, arXiv:1710.11063, equation 19
 */
export const gradCamPlusPlus: Method = {
  id: 'grad-cam-plus-plus',
  title: 'Grad-CAM++',
  summary: 'Grad-CAM in which small parts of the picture count as much as large ones.',
  modalities: ['image', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  fromLogits: true,
  takes: { target: true, baseline: 'none', layer: 'chosen', neuron: false, quadrature: false },
  params: [
    {
      name: 'normaliseAlpha',
      type: 'boolean',
      default: false,
      doc: "Divide the weights of a channel's positions by their sum, as the authors' program does and the paper does not.",
    },
    gridParam,
  ],
  unit: 'contribution',
  claims: [],
  reference: 'Chattopadhyay et al. 2018, arXiv:1710.11063',
  async attribute(context) {
    const normalise = context.params['normaliseAlpha'] === true;
    let isNegative = false;
    const map = (maps: ChannelMaps): Float64Array => {
      const weights = perChannel(maps, (gradients, values) => {
        const sum = total(values);
        if (sum < 0) isNegative = true;
        const alphas = gradients.map((g) => (g > 0 && 2 + sum * g !== 0 ? 1 / (2 + sum * g) : 0));
        const scale = normalise ? total(alphas) || 1 : 1;
        return alphas.reduce((w, alpha, i) => w + (alpha / scale) * Math.max(gradients[i] as number, 0), 0);
      });
      return weightedSum(maps, weights);
    };
    const outcome = await camOutcome(context, map, true);
    const message =
      'channels of the layer have a negative sum, where the weights have poles; prefer the output of a ReLU';
    const warnings: Warning[] = isNegative ? [{ code: 'negative-activations', message }] : [];
    return { ...outcome, warnings: [...(outcome.warnings ?? []), ...warnings] };
  },
};
