import { sizeOf } from '@pathwise/model';
import { differentiate, subgraph, typeOf, type Graph } from '@pathwise/graph';
import { lowerGraph } from '../lower-graph.ts';
import { ops } from '../op-set.ts';
import { optimize } from '../passes/optimize.ts';

export interface TangentGraph {
  readonly graph: Graph;
  /** Tensor of `from` -> the input that takes its direction; absent where nothing wanted depends on it. */
  readonly seeds: ReadonlyMap<string, string>;
  /** Tensor of `wanted` -> its directional derivative; null where it does not move. */
  readonly tangents: ReadonlyMap<string, string | null>;
}

/**
 * The graph of directional derivatives J v of `wanted` along directions v of `from`, given the tensors `fed`. J^T u is
 * linear in u, so the gradient of <J^T u, v> by u is J v: two reverse passes, the first of which falls away, because no
 * value of u is needed.
 *
 * @source Townsend 2017, A new trick for calculating Jacobian vector products
 * @throws PathwiseError UNSUPPORTED_OP naming a node whose gradient, or the gradient of that, is not known
 */
export function tangentGraph(
  graph: Graph,
  { fed, from, wanted }: { fed: readonly string[]; from: readonly string[]; wanted: readonly string[] },
): TangentGraph {
  const forward = lowerGraph(optimize(subgraph(graph, fed, wanted), wanted));
  const within = from.filter((name) => forward.types.has(name));
  const first = differentiate(forward, { targets: wanted, wrt: within, ops });
  const moved = within.filter((name) => first.gradients.get(name) !== null);
  // Gradients of two tensors may be one tensor (both terms of a sum): each gets a name of its own.
  const b = ops.builder();
  b.include(first.graph);
  const named = new Map(moved.map((name) => [name, b.emit('Identity', [first.gradients.get(name) as string])]));
  const transposed = lowerGraph(b.build([...named.values()]));
  const cotangents = wanted.map((name) => first.seeds.get(name) as string);
  const second = differentiate(transposed, { targets: [...named.values()], wrt: cotangents, ops });
  const tangents = new Map(wanted.map((name) => [name, second.gradients.get(first.seeds.get(name) as string) ?? null]));
  const seeds = new Map(moved.map((name) => [name, second.seeds.get(named.get(name) as string) as string]));
  const outputs = [...new Set([...tangents.values()].filter((name) => name !== null))];
  const given = [...fed.filter((name) => second.graph.inputs.includes(name)), ...seeds.values()];
  return { graph: optimize(subgraph(withZeros(second.graph, cotangents), given, outputs), outputs), seeds, tangents };
}

/** The graph with some inputs held at zero. */
function withZeros(graph: Graph, names: readonly string[]): Graph {
  const zeros = names.map((name) => {
    const { dtype, shape } = typeOf(graph, name);
    return [name, { dtype, shape, data: new Float64Array(sizeOf(shape)) }] as const;
  });
  return {
    ...graph,
    inputs: graph.inputs.filter((name) => !names.includes(name)),
    constants: new Map([...graph.constants, ...zeros]),
  };
}
