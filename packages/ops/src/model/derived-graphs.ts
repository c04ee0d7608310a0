import { ancestors, differentiate, subgraph, type DifferentiatedGraph, type Graph } from '@pathwise/graph';
import { lowerGraph } from '../lower-graph.ts';
import { ops } from '../op-set.ts';
import { optimize } from '../passes/optimize.ts';
import { graphWith } from './unrolled.ts';

/** The graph that computes `wanted` from the tensors `fed`. */
export function forwardGraph(graph: Graph, fed: readonly string[], wanted: readonly string[]): Graph {
  return optimize(subgraph(graphWith(graph, [...fed, ...wanted]), fed, wanted), wanted);
}

/** The graph that computes `kept` and the gradients of `targets` by `wrt` from the tensors `fed` and the targets' cotangents. */
export function gradientGraph(
  whole: Graph,
  {
    fed,
    targets,
    wrt,
    kept,
  }: { fed: readonly string[]; targets: readonly string[]; wrt: readonly string[]; kept: readonly string[] },
): DifferentiatedGraph {
  const graph = graphWith(whole, [...fed, ...targets, ...wrt, ...kept]);
  const computed = ancestors(graph, [...targets, ...kept]);
  const within = wrt.filter((name) => computed.has(name));
  const outputs = [...new Set([...targets, ...kept, ...within])];
  const forward = lowerGraph(optimize(subgraph(graph, fed, outputs), outputs));
  const derived = differentiate(forward, { targets, wrt: within, ops });
  const gradients = new Map(wrt.map((name) => [name, derived.gradients.get(name) ?? null]));
  const results = [...gradients.values()].filter((name) => name !== null);
  const wanted = [...new Set([...kept, ...results])];
  const seeds = [...derived.seeds.values()];
  return {
    graph: optimize(
      subgraph(derived.graph, [...fed.filter((name) => forward.inputs.includes(name)), ...seeds], wanted),
      wanted,
    ),
    seeds: derived.seeds,
    gradients,
  };
}
