import {
  asFloats,
  throwIfAborted,
  type Feeds,
  type GradientVector,
  type PathPoint,
  type Shape,
  type Tensor,
} from '@pathwise/model';
import type { StraightPaths } from '../path.ts';
import { BlockSum } from './block-sum.ts';
import { feedsAt, gradientsAt, joinRow, tileSize, type EvaluationOptions } from './points.ts';

/** A tensor between the moving tensors and the target. */
export interface LayerTensor {
  readonly name: string;
  /** Of one row. */
  readonly shape: Shape;
  readonly size: number;
}

/** Layers at a point of a path, all of them one after another. Only valid during the visit: copy to keep. */
export interface LayerPoint {
  /** dF/dh. */
  readonly gradient: GradientVector;
  /** h; empty where values were not asked for. */
  readonly value: GradientVector;
  /** Directional derivative of h; empty where no direction was given. */
  readonly tangent: GradientVector;
}

export interface LayerRequest {
  readonly layers: readonly LayerTensor[];
  readonly values?: boolean;
  /** Directions of the moving tensors at points, for tangents. */
  readonly directions?: (points: readonly PathPoint[]) => Feeds;
}

const NOTHING: GradientVector = new Float64Array(0);

/** Visits points of input paths tile by tile, in the order given. */
export async function visitLayers(
  paths: StraightPaths,
  points: readonly PathPoint[],
  { layers, values = false, directions }: LayerRequest,
  options: EvaluationOptions,
  visit: (index: number, point: LayerPoint) => void,
): Promise<void> {
  const tile = tileSize(paths, options.maxBytes);
  const names = layers.map(({ name }) => name);
  const sizes = layers.map(({ size }) => size);
  const floats = (from: Readonly<Record<string, Tensor>>) => names.map((name) => asFloats((from[name] as Tensor).data));
  for (let start = 0; start < points.length; start += tile) {
    throwIfAborted(options.signal);
    const here = points.slice(start, start + tile);
    const feeds = feedsAt(paths, here);
    const asked = { wrt: names, ...(values ? { wanted: names } : {}) };
    const { gradients, tensors } = await gradientsAt(paths, here, feeds, asked, options);
    const pushed =
      directions === undefined
        ? null
        : await paths.model.tangent?.({ feeds, tangents: directions(here), wanted: names }, options);
    const [g, h, t] = [floats(gradients), values ? floats(tensors) : null, pushed == null ? null : floats(pushed)];
    for (const i of here.keys()) {
      visit(start + i, {
        gradient: joinRow(g, sizes, i),
        value: h === null ? NOTHING : joinRow(h, sizes, i),
        tangent: t === null ? NOTHING : joinRow(t, sizes, i),
      });
    }
  }
}

/** A copy of what a later point needs of an earlier one. */
export type KeptPoint = { readonly [K in keyof LayerPoint]: Float64Array };

/**
 * Sums along every path, one vector over all layers a path. `add` gets the points of a path in order, each with the one
 * before it; the order of summing does not depend on the tiles.
 */
export async function sumOverLayers(
  paths: StraightPaths,
  alphasOf: (path: number) => ArrayLike<number>,
  request: LayerRequest,
  options: EvaluationOptions,
  add: (sum: BlockSum, point: LayerPoint, at: { path: number; k: number; previous: KeptPoint | null }) => void,
): Promise<Float64Array[]> {
  const size = request.layers.reduce((total, layer) => total + layer.size, 0);
  const sums = Array.from({ length: paths.count }, () => new BlockSum(size));
  const points = sums.flatMap((_, path) => Array.from(alphasOf(path), (alpha, k) => ({ path, alpha, k })));
  let previous: KeptPoint | null = null;
  await visitLayers(paths, points, request, options, (index, point) => {
    const { path, k } = points[index];
    add(sums[path], point, { path, k, previous: k === 0 ? null : previous });
    if (request.values === true) {
      const copy = ({ gradient, value, tangent }: LayerPoint): KeptPoint => ({
        gradient: Float64Array.from(gradient),
        value: Float64Array.from(value),
        tangent: Float64Array.from(tangent),
      });
      previous = copy(point);
    }
    options.onProgress?.({ phase: 'path', done: index + 1, total: points.length });
  });
  return sums.map((sum) => sum.total());
}
