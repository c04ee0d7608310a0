import type { ChannelMaps } from '../cam/activation-map.ts';
import { camOutcome, gridParam } from '../cam/cam-outcome.ts';
import type { Method } from '../method.ts';

/**
 * Where a layer speaks for the target, position by position: L = relu(sum_k relu(dF/dA_k) * A_k). Sharper than Grad-CAM,
 * also in early layers.
 *
 * @source Jiang, Zhang, Hou, Cheng, Wei 2021, LayerCAM, IEEE Transactions on Image Processing 30, equations 5 and 6
 */
export const layerCam: Method = {
  id: 'layer-cam',
  title: 'Layer-CAM',
  summary: 'Where in a layer the target finds what speaks for it: activations times positive gradients.',
  modalities: ['image', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  fromLogits: true,
  takes: { target: true, baseline: 'none', layer: 'chosen', neuron: false, quadrature: false },
  params: [gridParam],
  unit: 'contribution',
  claims: [],
  reference: 'Jiang et al. 2021, LayerCAM, IEEE TIP 30',
  attribute: (context) => camOutcome(context, positiveShares, true),
};

function positiveShares({ channels, positions, values, gradients }: ChannelMaps): Float64Array {
  const out = new Float64Array(positions);
  for (let at = 0; at < channels * positions; at++) {
    out[at % positions] += Math.max(gradients[at] as number, 0) * (values[at] as number);
  }
  return out;
}
