import { sameShape, type Feeds, type Outputs } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphWith } from './unrolled.ts';

/** The feeds that are inputs of a graph. */
export function onlyInputs(feeds: Feeds, graph: Graph): Feeds {
  return Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.includes(name)));
}

/** Rows of the outputs of a run. */
export function countOutputRows(outputs: Outputs, graph: Graph): number {
  const [first] = Object.entries(outputs);
  if (first === undefined) return 0;
  return graphWith(graph, [first[0]]).types.has(first[0]) ? (first[1].shape[0] ?? 1) : 1;
}

/** Rows that feeds hold: the most of any. */
export function countRows(feeds: Feeds, graph: Graph): number {
  let rows = 1;
  const { types } = graphWith(graph, Object.keys(feeds));
  for (const [name, feed] of Object.entries(feeds)) {
    const shape = types.get(name)?.shape;
    if (shape !== undefined && !sameShape(shape, feed.shape)) rows = Math.max(rows, feed.shape[0] ?? 1);
  }
  return rows;
}
