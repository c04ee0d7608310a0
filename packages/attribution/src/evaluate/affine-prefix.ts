import { sizeOf, throwIfAborted, toFloat64, type MovingTensor, type Tensor } from '@pathwise/model';
import { differentiated, featureCount, type StraightPaths } from '../path.ts';
import { feedsAt, tileSize, type EvaluationOptions } from './points.ts';

/** Where gradients are taken along the path, and the way from there to gradients of the moving tensors. */
export interface Steering {
  readonly paths: StraightPaths;
  /** Gradients at `paths` to gradients of the differentiated tensors, for some of the paths. */
  readonly pull: (vectors: readonly Float64Array[], at: readonly number[]) => Promise<readonly Float64Array[]>;
}

/** How much larger than the input the prefix's end may be when gradients are kept: beyond it they are kept at the input. */
const LARGEST_GROWTH = 4;

/**
 * Tensors that are affine in the input move on a straight line too: they are evaluated at the two ends only, F is
 * differentiated there, and what was summed is pulled back once: sum of w_k J^T g_k = J^T (sum of w_k g_k). Exact.
 */
export async function steer(
  paths: StraightPaths,
  options: EvaluationOptions,
  keepsGradients: boolean,
): Promise<Steering> {
  const direct: Steering = { paths, pull: (vectors) => Promise.resolve(vectors) };
  const names = paths.moving.map(({ name }) => name);
  if (paths.count === 0 || differentiated(paths.moving).length !== names.length) return direct;
  const structure = paths.model.structure(feedsAt(paths, [{ path: 0, alpha: 1 }]));
  const { tensor } = paths.objective;
  const found = structure.affineFrontier(names, tensor);
  const frontier = found.length === 0 ? [tensor] : [...found];
  if (frontier.every((name) => names.includes(name))) return direct;
  const shapes = frontier.map((name) => rowShape(structure.tensor(name)?.shape));
  if (shapes.includes(undefined)) return direct;
  const sizes = shapes.map((shape) => sizeOf(shape as number[]));
  const growth = sizes.reduce((a, b) => a + b, 0) / featureCount(paths);
  if (keepsGradients && growth > LARGEST_GROWTH) return direct;
  const ends = await tensorsAtEnds(paths, frontier, options);
  const moving: MovingTensor[] = frontier.map((name, k) => ({
    name,
    shape: shapes[k] as number[],
    size: sizes[k],
    ...ends[k],
    differentiate: true,
  }));
  return { paths: { ...paths, moving }, pull: (vectors, at) => pullBack(paths, moving, vectors, at, options) };
}

/** Tensors at both ends of every path, which takes the part of the model before them only. */
async function tensorsAtEnds(
  paths: StraightPaths,
  names: readonly string[],
  options: EvaluationOptions,
): Promise<{ from: Float64Array; to: Float64Array }[]> {
  const { count, model } = paths;
  const together = Math.max(1, Math.floor(tileSize(paths, options.maxBytes) / 2));
  const parts: Record<string, Tensor>[] = [];
  for (let start = 0; start < count; start += together) {
    throwIfAborted(options.signal);
    const here = Array.from({ length: Math.min(together, count - start) }, (_, i) => start + i);
    const points = [0, 1].flatMap((alpha) => here.map((path) => ({ path, alpha })));
    parts.push(await model.forward(feedsAt(paths, points), names, options));
  }
  return names.map((name) => {
    const values = parts.map((part) => toFloat64((part[name] as Tensor).data));
    return {
      from: joined(values.map((both) => both.subarray(0, both.length / 2))),
      to: joined(values.map((both) => both.subarray(both.length / 2))),
    };
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function pullBack(
  paths: StraightPaths,
  frontier: readonly MovingTensor[],
  vectors: readonly Float64Array[],
  at: readonly number[],
  options: EvaluationOptions,
): Promise<readonly Float64Array[]> {
  const tile = tileSize(paths, options.maxBytes);
  const pulled: Float64Array[] = [];
  for (let start = 0; start < at.length; start += tile) {
    const end = start + tile;
    pulled.push(...(await pullTile(paths, frontier, vectors.slice(start, end), at.slice(start, end), options)));
  }
  return pulled;
}

async function pullTile(
  paths: StraightPaths,
  frontier: readonly MovingTensor[],
  vectors: readonly Float64Array[],
  at: readonly number[],
  options: EvaluationOptions,
): Promise<readonly Float64Array[]> {
  const own = new Set(paths.moving.map(({ name }) => name));
  const cotangents: Record<string, Tensor> = {};
  const direct = new Map<string, number>(); // offset of a tensor that is moving and frontier at once
  let offset = 0;
  for (const { name, shape, size } of frontier) {
    if (own.has(name)) direct.set(name, offset);
    else cotangents[name] = stackSlices(vectors, offset, size, shape);
    offset += size;
  }
  const points = at.map((path) => ({ path, alpha: 1 }));
  const request = { feeds: feedsAt(paths, points), cotangents, wrt: [...own] };
  const pulled = await paths.model.pullback(request, options);
  return vectors.map((vector, row) => {
    const out = new Float64Array(featureCount(paths));
    let start = 0;
    for (const { name, size } of paths.moving) {
      out.set(toFloat64((pulled[name] as Tensor).data).subarray(row * size, (row + 1) * size), start);
      const kept = direct.get(name);
      if (kept !== undefined) for (let j = 0; j < size; j++) out[start + j] += vector[kept + j];
      start += size;
    }
    return out;
  });
}

function stackSlices(vectors: readonly Float64Array[], offset: number, size: number, shape: readonly number[]): Tensor {
  const data = new Float64Array(vectors.length * size);
  for (const [i, vector] of vectors.entries()) data.set(vector.subarray(offset, offset + size), i * size);
  return { dtype: 'float32', shape: [vectors.length, ...shape], data };
}

/** Row shape of a static type: without a leading 1; a tensor with another first size has it as its row. */
export function rowShape(shape: readonly number[] | undefined): number[] | undefined {
  if (shape === undefined) return undefined;
  return shape[0] === 1 ? shape.slice(1) : [...shape];
}
