import { argumentError } from '@pathwise/model';
import type { Context } from '../context.ts';
import {
  conductanceByDifferences,
  conductanceByMidpoints,
  conductanceByTangents,
  type Conductances,
} from '../evaluate/conductance.ts';
import { l1, relativeError, type PathEnds } from '../evaluate/integral.ts';
import { selectPaths } from '../evaluate/select-paths.ts';
import { endsOf, inputPaths } from '../input-paths.ts';
import { resolveFixed } from '../integration.ts';
import type { Method } from '../method.ts';
import { isStill, type StraightPaths } from '../path.ts';
import type { QuadratureRule } from '../quadrature/rules.ts';
import { regionWeights } from '../region.ts';
import type { AttributionRequest } from '../request.ts';
import { cutOf, layerOutcome, layerTensors, requireReached } from './layer-paths.ts';

/**
 * What flows through each unit of a layer while the input moves on its straight path: A = integral of dF/dh * dh/dalpha.
 * With `region` only the part that comes from a region of the input: dh along m * (x - x').
 *
 * @source Dhamdhere, Sundararajan, Yan 2018, How Important Is a Neuron?, arXiv:1805.12233, definition 1
 */
export const layerConductance: Method = {
  id: 'layer-conductance',
  title: 'Layer conductance',
  summary: 'How much of the change of the target from the baseline to the input flows through each unit of a layer.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient', 'layers'],
  needsFor: (request) => (byTangents(request) ? ['tangent'] : []),
  takes: { target: true, baseline: 'set', layer: true, neuron: false, quadrature: 'fixed' },
  params: [
    {
      name: 'region',
      type: 'numbers',
      default: [],
      file: true,
      doc: 'Only what comes from here: a box row0,column0,row1,column1 (half-open), or one weight for each element of the input.',
    },
  ],
  unit: 'contribution',
  claims: ['completeness', 'sensitivity-a', 'dummy', 'linearity', 'symmetry'],
  reference: 'Dhamdhere, Sundararajan, Yan 2018, arXiv:1805.12233',
  async attribute(context) {
    const { request, target, outputAtInput, layers } = context;
    for (const layer of layers) requireReached(context, { tensor: layer, rows: [] });
    const mask = maskOf(context);
    const integration = resolveFixed(request, mask === null ? 'trapezoid' : 'gauss-legendre');
    const path = await inputPaths(context, target.objective);
    const ends = await endsOf(context, path, outputAtInput);
    const found = await conductances(context, path.paths, integration, mask);
    const { complete, warnings } = cutOf(context);
    const isChecked = mask === null && complete;
    const errors = statedErrors(found, isChecked ? ends : null);
    const outcome = layerOutcome(context, path, ends, found.vectors, { unit: 'contribution', errors });
    if (mask === null) return { ...outcome, complete, warnings: [...(outcome.warnings ?? []), ...warnings] };
    // Over all units a region's part sums to the integrated gradients of the region, which are not known here.
    const notes = warnings.filter(({ code }) => code !== 'no-cut');
    return { ...outcome, convergenceDelta: null, warnings: [...(outcome.warnings ?? []), ...notes] };
  },
};

function byTangents({ quadrature = 'trapezoid', params = {} }: Partial<AttributionRequest>): boolean {
  const { region } = params;
  if (Array.isArray(region) && region.length > 0) return true;
  return quadrature === 'gauss-legendre' || quadrature === 'clenshaw-curtis';
}

/** Weights of the region over the one attributed input; null without a region. */
function maskOf({ method, params, sources }: Context): Float64Array | null {
  const region = params['region'] as readonly number[];
  if (region.length === 0) return null;
  if (sources.length !== 1) {
    const names = sources.map(({ name }) => name).join(', ');
    throw argumentError(method, 'inputs with a region', 'one that is attributed', names, 'Make the others constants');
  }
  return regionWeights(region, sources[0].shape);
}

/** Paths that do not move have none. */
async function conductances(
  context: Context,
  paths: StraightPaths,
  { rule, steps }: { rule: QuadratureRule; steps: number },
  mask: Float64Array | null,
): Promise<Conductances> {
  const layers = layerTensors(context);
  const moves = Array.from({ length: paths.count }, (_, path) => path).filter((path) => !isStill(paths, path));
  const moving = selectPaths(paths, moves);
  const part = await (mask !== null || rule === 'gauss-legendre' || rule === 'clenshaw-curtis'
    ? conductanceByTangents(moving, layers, { rule, steps }, context.evaluation, mask)
    : rule === 'midpoint'
      ? conductanceByMidpoints(moving, layers, steps, context.evaluation)
      : conductanceByDifferences(moving, layers, { rule, steps }, context.evaluation));
  const size = layers.reduce((total, layer) => total + layer.size, 0);
  const vectors: Float64Array[] = Array.from({ length: paths.count }, () => new Float64Array(size));
  const differences = vectors.map(() => 0);
  for (const [i, path] of moves.entries()) {
    vectors[path] = part.vectors[i];
    differences[path] = part.differences?.[i] ?? 0;
  }
  return { vectors, differences: part.differences === null ? null : differences };
}

/** Half the steps, and on a cut what the sum misses of F(x) - F(x'), relative to the L1 norm. */
function statedErrors({ vectors, differences }: Conductances, ends: PathEnds | null): number[] | null {
  if (differences === null) return null;
  return vectors.map((vector, path) => {
    const size = l1(vector);
    const residual =
      ends === null ? 0 : Math.abs(vector.reduce((sum, v) => sum + v, 0) - (ends.to[path] - ends.from[path]));
    return relativeError(Math.max(differences[path], residual), size);
  });
}
