import { differentiate, subgraph, type DifferentiatedGraph, type Graph } from '@pathwise/graph';
import { lowerGraph } from '../lower-graph.ts';
import { ops } from '../op-set.ts';
import { optimize } from '../passes/optimize.ts';

/**
 * The graph of H v, given the tensors `fed`: the gradient by `wrt` of <gradient of the target by `wrt`, v>. Its seeds take the
 * cotangent of the target and the directions v, by the names of their tensors; absent where F does not depend on them.
 *
 * @source Pearlmutter 1994, Fast exact multiplication by the Hessian
 * @throws PathwiseError UNSUPPORTED_OP naming a node whose gradient, or the gradient of that, is not known
 */
export function curvatureGraph(
  graph: Graph,
  { fed, target, wrt }: { fed: readonly string[]; target: string; wrt: readonly string[] },
): DifferentiatedGraph {
  const outputs = [...new Set([target, ...wrt.filter((name) => graph.types.has(name))])];
  const forward = lowerGraph(optimize(subgraph(graph, fed, outputs), outputs));
  const first = differentiate(forward, { targets: [target], wrt, ops });
  const moved = wrt.filter((name) => (first.gradients.get(name) ?? null) !== null);
  // Gradients of two tensors may be one tensor (both terms of a sum): each gets a name of its own.
  const b = ops.builder();
  b.include(first.graph);
  const named = new Map(moved.map((name) => [name, b.emit('Identity', [first.gradients.get(name) as string])]));
  const kept = [...named.values(), ...moved];
  const slope = lowerGraph(b.build(kept));
  const second = differentiate(slope, { targets: [...named.values()], wrt: moved, ops });
  const cotangent = first.seeds.get(target) as string;
  const seeds = new Map([
    [target, cotangent],
    ...moved.map((name): [string, string] => [name, second.seeds.get(named.get(name) as string) as string]),
  ]);
  const gradients = new Map(wrt.map((name) => [name, second.gradients.get(name) ?? null]));
  const wanted = [...new Set([...gradients.values()].filter((name) => name !== null))];
  const given = [...fed.filter((name) => second.graph.inputs.includes(name)), ...seeds.values()];
  return { graph: optimize(subgraph(second.graph, given, wanted), wanted), seeds, gradients };
}
