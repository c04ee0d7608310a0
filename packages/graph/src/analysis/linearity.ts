import type { Blocker, PathKind } from '@pathwise/model';
import type { Graph, Node } from '../graph.ts';
import type { OpDef, OpSet } from '../op.ts';
import { ancestors } from './reach.ts';

interface MovingNode {
  readonly node: Node;
  readonly op: OpDef | undefined;
  /** Positions of the inputs that vary. */
  readonly positions: readonly number[];
  readonly affine: boolean;
}

/** The nodes on the way to `target` that read something that varies with `moving`, and the tensors affine in it. */
function follow(
  graph: Graph,
  moving: readonly string[],
  target: string,
  ops: OpSet,
): { nodes: MovingNode[]; affine: Set<string> } {
  const onTheWay = ancestors(graph, [target]);
  const varying = new Set(moving);
  const affine = new Set(moving);
  const nodes: MovingNode[] = [];
  for (const node of graph.nodes) {
    if (!node.outputs.some((output) => onTheWay.has(output))) continue;
    if (node.outputs.some((output) => affine.has(output) && varying.has(output))) continue; // fed: replaced, not computed
    const positions = node.inputs.flatMap((input, i) => (varying.has(input) ? [i] : []));
    if (positions.length === 0) continue;
    const op = ops.get(node.op);
    const isAffine =
      op !== undefined &&
      positions.every((i) => affine.has(node.inputs[i] as string)) &&
      op.affine(positions, node.attrs);
    nodes.push({ node, op, positions, affine: isAffine });
    for (const output of node.outputs) {
      if (output === '') continue;
      varying.add(output);
      if (isAffine) affine.add(output);
    }
  }
  return { nodes, affine };
}

/**
 * The tensors at which the part of the graph that is affine in `moving` ends, on the way to `target`; [] when all of it
 * is affine. Along a straight path of `moving` each of them moves on a straight line too.
 */
export function affineFrontier(graph: Graph, moving: readonly string[], target: string, ops: OpSet): string[] {
  const { nodes, affine } = follow(graph, moving, target, ops);
  const frontier = new Set<string>();
  for (const { node, positions, affine: isAffine } of nodes) {
    if (isAffine) continue;
    for (const i of positions) if (affine.has(node.inputs[i] as string)) frontier.add(node.inputs[i] as string);
  }
  return [...frontier];
}

/** What kind of function `target` is along a straight path of `moving`, and the nodes that make it not piecewise linear. */
export function pathKind(
  graph: Graph,
  moving: readonly string[],
  target: string,
  ops: OpSet,
): { kind: PathKind; blockers: Blocker[] } {
  const bending = follow(graph, moving, target, ops).nodes.filter((node) => !node.affine);
  const blockers = bending
    .filter(({ op, positions, node }) => op === undefined || !op.piecewiseLinear(positions, node.attrs))
    .map(({ node }) => ({ node: node.name, op: node.op, reason: 'not piecewise linear' }));
  if (bending.length === 0) return { kind: 'affine', blockers };
  if (blockers.length === 0) return { kind: 'piecewise-linear', blockers };
  return { kind: bending.some(({ op }) => op === undefined || op.kinks) ? 'mixed' : 'smooth', blockers };
}
