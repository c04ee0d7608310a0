import { argumentError, isFloat, sizeOf, type Tensor, type Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import { visitLayers, type LayerTensor } from '../evaluate/layer-points.ts';
import type { Outcome } from '../method.ts';
import { gradientPaths } from '../methods/gradient.ts';
import { attributionTensor } from '../outcome.ts';
import type { ParamSpec } from '../params.ts';
import type { ActivationMap, ChannelMaps } from './activation-map.ts';

/** The grid of a vision transformer's tokens. */
export const gridParam: ParamSpec = {
  name: 'grid',
  type: 'numbers',
  default: [],
  min: 1,
  doc: 'Height and width of the grid of tokens, for layers [tokens, features]; tokens before it (a class token) are dropped.',
};

/** Whether negative positions are cut. */
export const reluParam: ParamSpec = {
  name: 'relu',
  type: 'boolean',
  default: true,
  doc: 'Cut the map to its positive part.',
};

/** Maps over the positions of a layer, one channel each: shape [rows, 1, ...positions]. */
export async function camOutcome(context: Context, map: ActivationMap, cut: boolean): Promise<Outcome> {
  const { rows, outputAtInput, evaluation, target } = context;
  const grid = context.params['grid'] as readonly number[];
  const names = context.layers.length > 0 ? context.layers : [lastSpatial(context)];
  const paths = await gradientPaths(context);
  const points = Array.from({ length: rows }, (_, path) => ({ path, alpha: 1 }));
  const attributions: Record<string, Tensor> = {};
  const empty = new Set<number>();
  for (const name of names) {
    const layer = layerOf(context, name);
    const spatial = positionsOf(context, layer, grid);
    const out = new Float64Array(rows * sizeOf(spatial));
    await visitLayers(paths, points, { layers: [layer], values: true }, evaluation, (row, { gradient, value }) => {
      const maps = channelMaps(layer, { gradient, value }, grid);
      const own = cut ? map(maps).map((v) => Math.max(v, 0)) : map(maps);
      if (own.every((v) => v === 0)) empty.add(row);
      out.set(own, row * own.length);
    });
    attributions[name] = attributionTensor([1, ...spatial], rows, out);
  }
  const warnings: Warning[] = [];
  if (context.layers.length === 0) {
    const message = `no layer was named: "${names[0]}" is used, the last with positions`;
    warnings.push({ code: 'layer-chosen', message });
  }
  if (empty.size > 0) {
    const message = `the map is zero everywhere in row ${[...empty].join(', ')}: nothing in the layer speaks for the target`;
    warnings.push({ code: 'empty-map', message });
  }
  return { attributions, outputAtInput, target: target.descriptions, warnings };
}

/** The last tensor of a convolutional network with positions that the target depends on. */
function lastSpatial({ structure, sources, target, method }: Context): string {
  const { tensor } = target.objective;
  const name = structure.tensors.toReversed().find((candidate) => {
    const type = structure.tensor(candidate);
    if (type === undefined || !isFloat(type.dtype) || type.shape.length < 3) return false;
    const hasPositions = sizeOf(type.shape.slice(2)) > 1;
    return (
      hasPositions && structure.reaches(candidate, tensor) && sources.some((s) => structure.reaches(s.name, candidate))
    );
  });
  if (name !== undefined) return name;
  throw argumentError(method, 'layer', 'the name of a tensor (the model has none with positions)', 'nothing');
}

function layerOf({ structure }: Context, name: string): LayerTensor {
  const shape = structure.tensor(name)?.shape.slice(1) ?? [];
  return { name, shape, size: sizeOf(shape) };
}

/** The axes after channels; those of the grid for tokens. */
function positionsOf({ method }: Context, { name, shape }: LayerTensor, grid: readonly number[]): readonly number[] {
  if (grid.length === 0) return shape.slice(1);
  const tokens = shape[0] ?? 0;
  if (shape.length === 2 && sizeOf(grid) <= tokens) return grid;
  throw argumentError(method, 'grid', `at most ${tokens} tokens for layer "${name}" of shape [${shape.join(',')}]`, [
    ...grid,
  ]);
}

/** Channels first; tokens of a grid are positions and their features channels. */
function channelMaps(
  { shape, size }: LayerTensor,
  point: { readonly gradient: ArrayLike<number>; readonly value: ArrayLike<number> },
  grid: readonly number[],
): ChannelMaps {
  const [values, gradients] = [Float64Array.from(point.value), Float64Array.from(point.gradient)];
  const channels = shape[0] ?? 1;
  if (grid.length === 0) return { channels, positions: size / channels, values, gradients };
  const [positions, features] = [sizeOf(grid), shape[1] as number];
  const moved = (from: Float64Array): Float64Array => {
    const first = channels - positions;
    return Float64Array.from({ length: positions * features }, (_, at) => {
      const [k, i] = [Math.floor(at / positions), at % positions];
      return from[(first + i) * features + k] as number;
    });
  };
  return { channels: features, positions, values: moved(values), gradients: moved(gradients) };
}
