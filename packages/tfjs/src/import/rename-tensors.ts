import type { Graph } from '@pathwise/graph';

/** A graph, and the names that its tensors have now. */
export interface Renamed {
  readonly graph: Graph;
  readonly nameOf: (before: string) => string;
}

/**
 * The graph with some tensors under other names. A new name that is taken stays unused.
 * @param names - new names by old ones; a name given up is free for those after it
 */
export function renameTensors(graph: Graph, names: ReadonlyMap<string, string>): Renamed {
  const taken = new Set(graph.types.keys());
  const chosen = new Map<string, string>();
  for (const [from, to] of names) {
    if (from === to || taken.has(to) || !graph.types.has(from) || graph.inputs.includes(from)) continue;
    chosen.set(from, to);
    taken.delete(from);
    taken.add(to);
  }
  const rename = (name: string): string => chosen.get(name) ?? name;
  const renamed: Graph = {
    ...graph,
    outputs: graph.outputs.map(rename),
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    })),
    constants: new Map([...graph.constants].map(([name, value]) => [rename(name), value])),
    types: new Map([...graph.types].map(([name, type]) => [rename(name), type])),
  };
  return { graph: renamed, nameOf: rename };
}
