import type { Graph } from '@pathwise/graph';
import { optimize } from '@pathwise/ops';
import { flipConvolutions, type Flip } from './flip-convolutions.ts';
import { lowerForRuntime } from './lowering.ts';
import { withoutIdleCeil } from './pools.ts';
import { powersAsRoots } from './roots.ts';

/** The graph in the form that ONNX Runtime computes fastest; every output is the same. */
export function prepare(graph: Graph, flip: Flip): Graph {
  return optimize(flipConvolutions(withoutIdleCeil(powersAsRoots(lowerForRuntime(graph))), flip));
}
