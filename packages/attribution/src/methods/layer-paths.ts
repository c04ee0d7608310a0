import {
  PathwiseError,
  sizeOf,
  toFloat64,
  type MovingTensor,
  type Objective,
  type Tensor,
  type Warning,
} from '@pathwise/model';
import type { Context } from '../context.ts';
import type { PathEnds } from '../evaluate/integral.ts';
import type { LayerTensor } from '../evaluate/layer-points.ts';
import type { InputPaths } from '../input-paths.ts';
import type { Outcome } from '../method.ts';
import { pathOutcome } from '../outcome.ts';
import { isStill } from '../path.ts';

/** A layer of the request as a tensor that can be fed; both ends at its value at the input. */
export function layerAtInput({ layerValues }: Context, name: string): MovingTensor {
  const value = layerValues[name] as Tensor;
  const shape = value.shape.slice(1);
  const data = toFloat64(value.data);
  return { name, shape, size: shape.reduce((a, b) => a * b, 1), from: data, to: data, differentiate: true };
}

/** Whether the layers are a cut between the attributed tensors and the target, with a warning when they are none. */
export function cutOf({ structure, sources, layers, target }: Context): { complete: boolean; warnings: Warning[] } {
  const from = sources.map(({ name }) => name);
  const { tensor } = target.objective;
  const dead = layers.filter((layer) => !structure.reaches(layer, tensor));
  const warnings: Warning[] = dead.map((layer) => ({
    code: 'no-influence',
    message: `the layer "${layer}" does not influence the target: all zeros`,
  }));
  const bypass = structure.bypass(layers, from, tensor);
  if (bypass === null) return { complete: true, warnings };
  const message =
    `the layer is no cut: the edge "${bypass.from}" -> "${bypass.to}" goes around it, ` +
    `so the attributions need not sum to F(x) - F(x')`;
  return { complete: false, warnings: [...warnings, { code: 'no-cut', message }] };
}

/** @throws PathwiseError BAD_ARGUMENT if no attributed input reaches the tensor of `objective` */
export function requireReached({ method, structure, sources }: Context, { tensor }: Objective): void {
  if (sources.some(({ name }) => structure.reaches(name, tensor))) return;
  throw new PathwiseError('BAD_ARGUMENT', `${method}: no attributed input reaches the layer "${tensor}"`, { tensor });
}

/** The layers of the request. */
export function layerTensors({ layers, layerValues }: Context): LayerTensor[] {
  return layers.map((name) => {
    const shape = layerValues[name].shape.slice(1);
    return { name, shape, size: sizeOf(shape) };
  });
}

/** The outcome of one vector a path over all layers: weighted means over baselines, and the convergence delta. */
export function layerOutcome(
  context: Context,
  { paths, baselines }: InputPaths,
  ends: PathEnds,
  vectors: readonly Float64Array[],
  { unit, errors = null }: { unit: 'contribution' | 'per-unit'; errors?: readonly number[] | null },
): Outcome {
  // Paths of the layers along which the vectors are what is integrated: each moves by 1, or stays with the input.
  const moving = layerTensors(context).map((layer): MovingTensor => {
    const to = new Float64Array(layer.size * paths.count);
    for (let path = 0; path < paths.count; path++) {
      if (!isStill(paths, path)) to.fill(1, path * layer.size, (path + 1) * layer.size);
    }
    return { ...layer, from: new Float64Array(to.length), to, differentiate: true };
  });
  const largestChange = vectors.map(() => 0);
  const integral = { gradients: vectors, errors, met: null, largestChange, warnings: [] };
  const { outputAtInput } = context;
  const asPaths = { paths: { ...paths, moving }, baselines };
  return pathOutcome(context, asPaths, ends, integral, {
    multiply: unit === 'contribution',
    exact: false,
    outputAtInput,
  });
}
