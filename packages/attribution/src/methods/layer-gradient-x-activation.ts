import type { Tensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Method } from '../method.ts';
import { attributionTensor } from '../outcome.ts';
import type { StraightPaths } from '../path.ts';
import { gradientsAtInput } from './gradient.ts';
import { cutOf, layerAtInput } from './layer-paths.ts';

/**
 * Gradient of the target with respect to a layer, times the layer's value at the input: A = dF/dh * h(x). Without
 * `multiplyByInputs` the gradient alone.
 *
 * @source Captum, LayerGradientXActivation (the definition); Shrikumar et al. 2016, arXiv:1605.01713, for the input
 */
export const layerGradientXActivation: Method = {
  id: 'layer-gradient-x-activation',
  title: 'Layer gradient x activation',
  summary: 'What each unit of a layer would contribute if the target were linear in the layer.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  takes: { target: true, baseline: 'none', layer: true, neuron: false, quadrature: false },
  params: [
    {
      name: 'multiplyByInputs',
      type: 'boolean',
      default: true,
      doc: "Multiply by the layer's value; without it the result is the gradient.",
    },
  ],
  unit: 'contribution',
  claims: ['dummy', 'linearity', 'symmetry'],
  reference: 'Shrikumar et al. 2016, arXiv:1605.01713, at a layer',
  async attribute(context) {
    const multiply = context.params['multiplyByInputs'] === true;
    const attributions: Record<string, Tensor> = {};
    for (const layer of context.layers) attributions[layer] = await atLayer(context, layer, multiply);
    const warnings = cutOf(context).warnings.filter(({ code }) => code !== 'no-cut');
    return {
      attributions,
      unit: multiply ? 'contribution' : 'per-unit',
      outputAtInput: context.outputAtInput,
      warnings,
    };
  },
};

/** One layer by itself: a layer that another one of the list feeds keeps its influence through it. */
async function atLayer(context: Context, layer: string, multiply: boolean): Promise<Tensor> {
  const { model, rows, inputs, target, evaluation } = context;
  const moving = layerAtInput(context, layer);
  const fixed = Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== layer));
  const paths: StraightPaths = { model, count: rows, moving: [moving], fixed, objective: target.objective };
  const gradients = await gradientsAtInput(paths, evaluation);
  const data = new Float64Array(moving.size * rows);
  for (const [row, gradient] of gradients.entries()) data.set(gradient, row * moving.size);
  return attributionTensor(moving.shape, rows, multiply ? data.map((g, i) => g * moving.to[i]) : data);
}
