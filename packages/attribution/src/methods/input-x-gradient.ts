import { dot } from '../evaluate/integral.ts';
import { evaluateEnds } from '../evaluate/points.ts';
import { splitRows } from '../outcome.ts';
import type { Method } from '../method.ts';
import { displacement } from '../path.ts';
import { gradientPaths, gradientsAtInput } from './gradient.ts';

/**
 * Input times gradient: A = x * dF/dx. Its convergence delta is against the zero input; it vanishes where F is
 * positively homogeneous of degree 1 (ReLU networks without biases).
 *
 * @source Shrikumar, Greenside, Shcherbina, Kundaje 2016, Not Just a Black Box, arXiv:1605.01713
 */
export const inputXGradient: Method = {
  id: 'input-x-gradient',
  title: 'Input x gradient',
  summary: 'The gradient at the input times the input: the contribution of each feature if the target were linear.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'none', layer: false, neuron: false, quadrature: false },
  params: [],
  unit: 'contribution',
  claims: ['dummy', 'linearity', 'symmetry', 'implementation-invariance'],
  reference: 'Shrikumar et al. 2016, arXiv:1605.01713',
  async attribute(context) {
    const { outputAtInput, evaluation, sources } = context;
    const paths = await gradientPaths(context);
    const { outputs } = await evaluateEnds(paths, 0, evaluation);
    const gradients = await gradientsAtInput(paths, evaluation);
    const contributions = gradients.map((gradient, row) => {
      const x = displacement(paths, row); // the paths start at zeros
      return gradient.map((g, i) => g * x[i]);
    });
    const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
    return {
      attributions: splitRows(paths.moving, contributions, batched),
      outputAtInput,
      outputAtBaseline: [...outputs],
      convergenceDelta: gradients.map(
        (g, row) => dot(g, displacement(paths, row)) - (outputAtInput[row] - outputs[row]),
      ),
    };
  },
};
