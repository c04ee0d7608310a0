import type { Graph } from '../graph.ts';
import { ancestors, descendants } from './reach.ts';

/** An edge from one tensor to another that a node computes from it. */
export interface Edge {
  readonly from: string;
  readonly to: string;
}

/**
 * null when `layer` is a cut: every path from the tensors `from` to `target` passes through exactly one of its tensors.
 * Otherwise an edge that goes around the layer, or leads from one of its tensors to another.
 */
export function bypass(graph: Graph, layer: readonly string[], from: readonly string[], target: string): Edge | null {
  const cut = new Set(layer);
  for (const tensor of layer) {
    const below = descendants(graph, [tensor]);
    const other = layer.find((name) => name !== tensor && below.has(name));
    if (other !== undefined) return { from: tensor, to: other };
  }
  const upstream = ancestors(graph, layer);
  const toTarget = ancestors(graph, [target]);
  const reached = new Set(from.filter((name) => !cut.has(name)));
  let around: Edge | null = reached.has(target) ? { from: target, to: target } : null;
  for (const node of graph.nodes) {
    const source = node.inputs.find((input) => reached.has(input));
    if (source === undefined) continue;
    for (const output of node.outputs) {
      if (output === '' || cut.has(output)) continue;
      reached.add(output);
      if (around === null && upstream.has(source) && !upstream.has(output) && toTarget.has(output))
        around = { from: source, to: output };
    }
  }
  if (!reached.has(target)) return null;
  return around ?? { from: from[0] ?? target, to: target };
}

/** Does every path from `from` to `target` pass through exactly one tensor of `layer`? */
export function isCut(graph: Graph, layer: readonly string[], from: readonly string[], target: string): boolean {
  return bypass(graph, layer, from, target) === null;
}
