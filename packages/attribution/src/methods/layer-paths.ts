import { PathwiseError, toFloat64, type Objective, type Tensor, type Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { MovingTensor } from '../path.ts';

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
