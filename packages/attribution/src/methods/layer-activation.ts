import { toFloat64, type Tensor } from '@pathwise/model';
import type { Method } from '../method.ts';
import { attributionTensor } from '../outcome.ts';

/** The value of a layer at the input, h(x). The target is not looked at. */
export const layerActivation: Method = {
  id: 'layer-activation',
  title: 'Layer activation',
  summary: 'What a layer computes at the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['predict', 'layers'],
  takes: { target: true, baseline: 'none', layer: true, neuron: false, quadrature: false },
  params: [],
  unit: 'contribution',
  claims: [],
  reference: 'The definition of the layer',
  attribute({ layers, layerValues, outputAtInput, rows }) {
    const attributions = Object.fromEntries(
      layers.map((name): [string, Tensor] => {
        const { shape, data } = layerValues[name];
        return [name, attributionTensor(shape.slice(1), rows, toFloat64(data).slice())];
      }),
    );
    return Promise.resolve({ attributions, outputAtInput });
  },
};
