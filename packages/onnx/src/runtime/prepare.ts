import type { Graph } from '@pathwise/graph';
import { lowerGraph, optimize } from '@pathwise/ops';
import { flipConvolutions, type Flip } from './flip-convolutions.ts';
import { withoutIdleCeil } from './pools.ts';
import { powersAsRoots } from './roots.ts';

/** Ops that ONNX Runtime computes more slowly than the simpler ops that they are made of. */
const LOWERED: ReadonlySet<string> = new Set(['LRN']);

/** The graph in the form that ONNX Runtime computes fastest; every output is the same. */
export function prepare(graph: Graph, flip: Flip): Graph {
  const simple = powersAsRoots(lowerGraph(graph, ({ op }) => LOWERED.has(op)));
  return optimize(flipConvolutions(withoutIdleCeil(simple), flip));
}
