import { int64, isFloat, sizeOf, type Feeds, type ParamValue, type Shape, type Tensor } from '@pathwise/model';
import type { Method } from '@pathwise/attribution';
import type { Explainer, ExplainOptions } from '../../src/index.ts';

/** Players of methods of coalitions: exact Shapley values take 2 ** PLAYERS evaluations. */
const PLAYERS = 4;
const FEW = 4;

/** A request that exercises a method in a few evaluations, whatever it takes: read off its registry entry. */
export function cheapRequest(method: Method, { model }: Explainer, feeds: Feeds): ExplainOptions {
  const { takes } = method;
  const inner = innerLayer(model, feeds);
  // Maps choose a layer with positions, where there is one.
  const isNamed = takes.layer === true || (takes.layer === 'chosen' && inner.shape.length < 3);
  const layer = isNamed ? inner : undefined;
  return {
    method: method.id,
    params: cheapParams(method),
    ...(takes.quadrature !== false && { steps: FEW }),
    ...(takes.baseline === 'set' && { baseline: { perInput: baselineSets(model, feeds) } }),
    ...(takes.featureMask === true && { featureMask: masks(feeds) }),
    ...(layer !== undefined && { layer: layer.name }),
    ...(layer !== undefined && takes.neuron !== false && { neuron: layer.shape.slice(1).map(() => 0) }),
  };
}

/** Few samples, no search for a tolerance. Samples of 0 mean as many as the players need. */
function cheapParams({ params }: Method): Record<string, ParamValue> {
  return Object.fromEntries(
    params.flatMap((param): [string, ParamValue][] => {
      if (param.name === 'tolerance') return [[param.name, 0]];
      // Following a path from kink to kink, or counting that there are too many, takes a minute in residual networks.
      if (param.name === 'kinks') return [[param.name, 0]];
      const isMany = param.name === 'samples' && Number(param.default) > FEW;
      return isMany ? [[param.name, FEW]] : [];
    }),
  );
}

/** Two baselines of every attributed tensor. */
function baselineSets(model: Explainer['model'], feeds: Feeds): Record<string, { set: Tensor }> {
  const structure = model.structure(feeds);
  return Object.fromEntries(
    model.inputs.flatMap(({ name, attributedAt }) => {
      const row = (feeds[name]?.shape ?? []).slice(1);
      const inner = structure.tensor(attributedAt ?? '')?.shape.slice(1) ?? row;
      const shape = attributedAt === name ? row : inner;
      const data = new Float32Array(2 * sizeOf(shape));
      data.fill(0.05, sizeOf(shape));
      return attributedAt === null ? [] : [[name, { set: { dtype: 'float32', shape: [2, ...shape], data } }] as const];
    }),
  );
}

/** Consecutive elements of a row in equal groups, the same players in every input. */
function masks(feeds: Feeds): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { shape }]) => {
      const row = shape.slice(1);
      const size = sizeOf(row);
      return [
        name,
        int64(
          row,
          Array.from({ length: size }, (_, i) => Math.floor((i * PLAYERS) / size)),
        ),
      ];
    }),
  );
}

/** The tensor in the middle of those between the attributed inputs and the first output. */
function innerLayer(model: Explainer['model'], feeds: Feeds): { name: string; shape: Shape } {
  const { tensor: target } = model.outputTensor(undefined, 'logit', feeds);
  const structure = model.structure(feeds);
  const sources = model.inputs.flatMap(({ attributedAt }) => attributedAt ?? []);
  const between = structure.tensors.filter((name) => {
    const type = structure.tensor(name);
    const isInner = name !== target && !sources.includes(name);
    return (
      isInner &&
      type !== undefined &&
      isFloat(type.dtype) &&
      type.shape[0] === 1 &&
      type.shape.length > 1 &&
      structure.reaches(name, target) &&
      sources.some((source) => structure.reaches(source, name))
    );
  });
  const name = between[Math.floor(between.length / 2)] as string;
  return { name, shape: structure.tensor(name)?.shape ?? [] };
}
