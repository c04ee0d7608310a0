import type { Structure } from '@pathwise/model';
import { affineFrontier, bypass, descendants, pathKind, type Graph } from '@pathwise/graph';
import { ops } from '../op-set.ts';
import { graphWith, unrolled } from './unrolled.ts';

/** Questions about a graph, answered when they are asked. */
export function structureOf(graph: Graph): Structure {
  return {
    tensor: (name) => graphWith(graph, [name]).types.get(name),
    tensors: [...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs.filter((output) => output !== ''))],
    reaches: (from, target) => descendants(graph, [from]).has(target),
    bypass: (layer, from, target) => bypass(graph, layer, from, target),
    affineFrontier: (moving, target) => affineFrontier(unrolled(graph), moving, target, ops),
    pathKind: (moving, target) => pathKind(graph, moving, target, ops),
  };
}
