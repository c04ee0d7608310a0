import { asFloats, throwIfAborted, type Feeds, type MovingTensor, type PathPoint, type Tensor } from '@pathwise/model';
import type { StraightPaths } from '../path.ts';
import { coarserWeights, quadrature, type QuadratureRule } from '../quadrature/rules.ts';
import { BlockSum } from './block-sum.ts';
import { l1OfProduct } from './integral.ts';
import { sumOverLayers, type LayerPoint, type LayerTensor } from './layer-points.ts';
import { feedsAt, gradientsAt, joinRow, tileSize, type EvaluationOptions } from './points.ts';

/** Conductances of all layers one after another, one vector a path. */
export interface Conductances {
  readonly vectors: readonly Float64Array[];
  /** L1 norm of the difference to half as many steps; null where the rule has no half. */
  readonly differences: readonly number[] | null;
}

interface Rule {
  readonly rule: QuadratureRule;
  readonly steps: number;
}

/** Weights of the gradients at the two ends of a panel. */
const END_WEIGHTS = { left: [1, 0], right: [0, 1], trapezoid: [0.5, 0.5] } as const;

/**
 * Sums of gradient times the difference of the layer over panels: what the layer did is taken from its values, so a
 * head that is linear along the path is integrated exactly whatever the front does.
 *
 * @source Shrikumar, Su, Kundaje 2018, Computationally Efficient Measures of Internal Neuron Importance, arXiv:1807.09946
 */
export async function conductanceByDifferences(
  paths: StraightPaths,
  layers: readonly LayerTensor[],
  { rule, steps }: Rule & { rule: keyof typeof END_WEIGHTS },
  options: EvaluationOptions,
): Promise<Conductances> {
  const alphas = quadrature('trapezoid', steps).alphas;
  const size = sizeOfAll(layers);
  const [atStart, atEnd] = END_WEIGHTS[rule];
  const term = new Float64Array(size);
  const panel = (sum: BlockSum, from: LayerPoint, to: LayerPoint): void => {
    for (let i = 0; i < size; i++) {
      term[i] = (atStart * from.gradient[i] + atEnd * to.gradient[i]) * (to.value[i] - from.value[i]);
    }
    sum.add(1, term);
  };
  const halves = rule === 'trapezoid' && steps % 2 === 0;
  const coarse = halves ? Array.from({ length: paths.count }, () => new BlockSum(size)) : [];
  let even: LayerPoint | null = null;
  const vectors = await sumOverLayers(
    paths,
    () => alphas,
    { layers, values: true },
    options,
    (sum, point, at) => {
      if (at.previous !== null) panel(sum, at.previous, point);
      if (!halves || at.k % 2 === 1) return;
      if (at.k > 0 && even !== null) panel(coarse[at.path], even, point);
      even = { ...point, gradient: Float64Array.from(point.gradient), value: Float64Array.from(point.value) };
    },
  );
  return { vectors, differences: halves ? differencesOf(vectors, coarse) : null };
}

/** Panels with the gradient in their middle and the layer's values at their ends. */
export async function conductanceByMidpoints(
  paths: StraightPaths,
  layers: readonly LayerTensor[],
  steps: number,
  options: EvaluationOptions,
): Promise<Conductances> {
  const names = layers.map(({ name }) => name);
  const sizes = layers.map(({ size }) => size);
  const floats = (from: Readonly<Record<string, Tensor>>) => names.map((name) => asFloats((from[name] as Tensor).data));
  const sums = Array.from({ length: paths.count }, () => new BlockSum(sizeOfAll(layers)));
  const term = new Float64Array(sizeOfAll(layers));
  const panels = sums.flatMap((_, path) => Array.from({ length: steps }, (__, k) => ({ path, k })));
  const tile = tileSize(paths, options.maxBytes);
  let last = new Float64Array(0);
  const valuesAt = async (points: readonly PathPoint[]): Promise<Float64Array[]> => {
    if (points.length === 0) return [];
    const found = floats(await paths.model.forward(feedsAt(paths, points), names, options));
    return points.map((_, i) => Float64Array.from(joinRow(found, sizes, i)));
  };
  for (let start = 0; start < panels.length; start += tile) {
    throwIfAborted(options.signal);
    const here = panels.slice(start, start + tile);
    const middles = here.map(({ path, k }) => ({ path, alpha: (k + 0.5) / steps }));
    const { gradients } = await gradientsAt(paths, middles, feedsAt(paths, middles), { wrt: names }, options);
    const g = floats(gradients);
    const starts = await valuesAt(here.filter(({ k }) => k === 0).map(({ path }) => ({ path, alpha: 0 })));
    const ends = await valuesAt(here.map(({ path, k }) => ({ path, alpha: (k + 1) / steps })));
    for (const [i, { path, k }] of here.entries()) {
      const from = k === 0 ? (starts.shift() as Float64Array) : last;
      const gradient = joinRow(g, sizes, i);
      for (let j = 0; j < term.length; j++) term[j] = gradient[j] * (ends[i][j] - from[j]);
      sums[path].add(1, term);
      last = ends[i] as Float64Array<ArrayBuffer>;
      options.onProgress?.({ phase: 'path', done: start + i + 1, total: panels.length });
    }
  }
  return { vectors: sums.map((sum) => sum.total()), differences: null };
}

/**
 * Weighted sums of gradient times the layer's directional derivative along m * (to - from), m a weight for each element
 * of the differentiated tensors (without it: 1).
 *
 * @source Lundstrom, Huang, Razaviyayn 2022, arXiv:2202.11912, whose sum over a region is this integral in the limit
 */
export async function conductanceByTangents(
  paths: StraightPaths,
  layers: readonly LayerTensor[],
  { rule, steps }: Rule,
  options: EvaluationOptions,
  mask: Float64Array | null,
): Promise<Conductances> {
  const { alphas, weights } = quadrature(rule, steps);
  const coarser = coarserWeights(rule, steps);
  const size = sizeOfAll(layers);
  const coarse = coarser === null ? [] : Array.from({ length: paths.count }, () => new BlockSum(size));
  const term = new Float64Array(size);
  const directions = (points: readonly PathPoint[]): Feeds =>
    Object.fromEntries(paths.moving.map((tensor) => [tensor.name, directionOf(tensor, points, mask)]));
  const vectors = await sumOverLayers(
    paths,
    () => alphas,
    { layers, directions },
    options,
    (sum, point, { path, k }) => {
      for (let i = 0; i < size; i++) term[i] = point.gradient[i] * point.tangent[i];
      sum.add(weights[k], term);
      if (coarser !== null) coarse[path].add(coarser[k], term);
    },
  );
  return { vectors, differences: coarser === null ? null : differencesOf(vectors, coarse) };
}

function directionOf(
  { from, to, size, shape }: MovingTensor,
  points: readonly PathPoint[],
  mask: Float64Array | null,
): Tensor {
  const data = new Float64Array(points.length * size);
  for (const [i, { path }] of points.entries()) {
    for (let j = 0; j < size; j++)
      data[i * size + j] = (mask?.[j] ?? 1) * (to[path * size + j] - from[path * size + j]);
  }
  return { dtype: 'float32', shape: [points.length, ...shape], data };
}

function differencesOf(fine: readonly Float64Array[], coarse: readonly BlockSum[]): number[] {
  return fine.map((vector, path) => {
    const other = coarse[path].total();
    const ones = new Float64Array(vector.length).fill(1);
    return l1OfProduct(
      vector.map((value, i) => value - other[i]),
      ones,
    );
  });
}

function sizeOfAll(layers: readonly LayerTensor[]): number {
  return layers.reduce((total, { size }) => total + size, 0);
}
