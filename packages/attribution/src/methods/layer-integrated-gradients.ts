import { toFloat64, type Feeds, type MovingTensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import { integrate } from '../evaluate/integrate.ts';
import { evaluateEnds, feedsAt } from '../evaluate/points.ts';
import { inputPaths, type InputPaths } from '../input-paths.ts';
import { resolveIntegration } from '../integration.ts';
import type { Method } from '../method.ts';
import { pathOutcome } from '../outcome.ts';
import type { StraightPaths } from '../path.ts';
import { cutOf } from './layer-paths.ts';

/**
 * Integrated gradients of what follows a layer, along the path that is straight in the layer's own values:
 * A = (h(x) - h(x')) * integral of dF/dh over h' + beta (h - h'). Several layers move together.
 * What follows may read other tensors too: `rest` says where those are held.
 *
 * @source Sundararajan, Taly, Yan 2017, arXiv:1703.01365, equation 1, applied to the function of the layer
 */
export const layerIntegratedGradients: Method = {
  id: 'layer-integrated-gradients',
  title: 'Layer integrated gradients',
  summary: 'What each unit of a layer contributed to the change of the target from the baseline to the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  takes: { target: true, baseline: 'set', layer: true, neuron: false, quadrature: true },
  params: [
    {
      name: 'rest',
      type: 'choice',
      default: 'input',
      choices: ['input', 'path', 'baseline'],
      doc: 'Where other tensors that the target reads are held: at the input, on the path, at the baseline.',
    },
  ],
  unit: 'contribution',
  claims: ['completeness', 'sensitivity-a', 'dummy', 'linearity', 'symmetry'],
  reference: 'Sundararajan, Taly, Yan 2017, arXiv:1703.01365, at a layer',
  async attribute(context) {
    const { request, target, outputAtInput, evaluation } = context;
    const integration = resolveIntegration(request);
    const path = await inputPaths(context, target.objective);
    const { outputs, tensors } = await evaluateEnds(path.paths, 0, evaluation, context.layers);
    const rest = context.params['rest'] as Rest;
    const paths = layerPaths(context, path, tensors, rest);
    const ends = {
      from: (await evaluateEnds(paths, 0, evaluation)).outputs,
      to: (await evaluateEnds(paths, 1, evaluation)).outputs,
    };
    const integral = await integrate(paths, () => Promise.resolve(ends), integration, {
      ...evaluation,
      standardErrors: request.standardErrors === true,
    });
    const outcome = pathOutcome(
      context,
      { paths, baselines: path.baselines },
      { from: outputs, to: ends.to },
      integral,
      { multiply: true, exact: integration.kind === 'exact', outputAtInput },
    );
    const { complete, warnings } = cutOf(context);
    return { ...outcome, complete, warnings: [...(outcome.warnings ?? []), ...warnings] };
  },
};

type Rest = 'input' | 'path' | 'baseline';

function layerPaths(
  context: Context,
  { paths, baselines }: InputPaths,
  atBaseline: Readonly<Record<string, Float64Array>>,
  rest: Rest,
): StraightPaths {
  const { layers, layerValues } = context;
  const own = new Set(layers);
  const moving = layers.map((name): MovingTensor => {
    const shape = layerValues[name].shape.slice(1);
    const size = shape.reduce((a, b) => a * b, 1);
    const to = new Float64Array(size * paths.count);
    const values = toFloat64(layerValues[name].data);
    for (let path = 0; path < paths.count; path++) {
      const row = Math.floor(path / baselines.count);
      to.set(values.subarray(row * size, (row + 1) * size), path * size);
    }
    return { name, shape, size, from: atBaseline[name], to, differentiate: true };
  });
  const others = paths.moving.filter(({ name }) => !own.has(name)).map((t) => ({ ...t, differentiate: false }));
  const without = (feeds: Feeds): Feeds => Object.fromEntries(Object.entries(feeds).filter(([name]) => !own.has(name)));
  if (rest === 'path') return { ...paths, moving: [...moving, ...others], fixed: without(paths.fixed) };
  const held = { ...paths, moving: others };
  const everywhere = Array.from({ length: paths.count }, (_, path) => ({ path, alpha: rest === 'input' ? 1 : 0 }));
  return { ...paths, moving, fixed: without(others.length === 0 ? paths.fixed : feedsOf(held, everywhere)) };
}

/** All feeds at given points, the fixed ones kept whole. */
function feedsOf(paths: StraightPaths, points: readonly { path: number; alpha: number }[]): Feeds {
  return { ...feedsAt(paths, points), ...paths.fixed };
}
