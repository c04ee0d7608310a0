import type { Graph, Node } from '@pathwise/graph';
import type { Propagation } from '@pathwise/model';
import { lowerGraph } from '../lower-graph.ts';
import { ops } from '../op-set.ts';
import { foldBatchNorm } from '../passes/fold-batch-norm.ts';
import { optimize, simplify } from '../passes/optimize.ts';
import { mergeBiases } from './merge-biases.ts';
import { mergeNormsBefore } from './merge-norms-before.ts';

/** A graph in the form that the rules expect, computing the same, and what was done to it in words. */
export interface Canonized {
  readonly graph: Graph;
  readonly notes: readonly string[];
  /** Names of the nodes that recurrent layers were unrolled into. */
  readonly unrolled: ReadonlySet<string>;
}

/**
 * Prepares a graph for the rules of a method. Relevance is not the same for two graphs of one function: biases added
 * after a product become part of it, batch normalizations of the weights before or behind them. Composite ops become simpler ones
 * where these have the rules.
 */
export function canonize(graph: Graph, keep: readonly string[], propagation: Propagation): Canonized {
  const notes: string[] = [];
  // Of two equal rectifiers each cuts what reaches it; merged, they would cut the sum.
  let canonized = propagation.kind === 'rectified' ? simplify(graph, keep) : optimize(graph, keep);
  if (propagation.kind === 'relevance') {
    const merged = mergeBiases(canonized, keep);
    // A bias in between hides a product from the normalization behind it.
    const folded = foldBatchNorm(merged.graph, keep);
    const before = count(graph, 'BatchNormalization') - count(folded, 'BatchNormalization');
    if (before > 0) notes.push(`${before} batch normalizations were merged into the weights before them`);
    if (merged.count > 0) notes.push(`${merged.count} added biases became part of the products before them`);
    const after = mergeNormsBefore(folded, keep);
    if (after.count > 0) notes.push(`${after.count} batch normalizations were merged into the weights behind them`);
    canonized = after.graph;
  }
  const known = new Set(canonized.nodes.map(({ name }) => name));
  const unrolled = lowerGraph(canonized, ({ op }) => ops.get(op)?.relevance === 'recurrent');
  const steps = unrolled.nodes.flatMap(({ name }) => (known.has(name) ? [] : [name]));
  return { graph: simplified(unrolled, propagation), notes, unrolled: new Set(steps) };
}

/** Without composite ops, also those that other ones consist of. */
function simplified(graph: Graph, propagation: Propagation): Graph {
  const lowered = lowerGraph(graph, (node) => isLowered(graph, node, propagation));
  return lowered === graph ? graph : simplified(lowered, propagation);
}

function count(graph: Graph, op: string): number {
  return graph.nodes.filter((node) => node.op === op).length;
}

/** Classes whose ops have rules only in the form of simpler ops. */
const LOWERED: ReadonlySet<string> = new Set(['normalization', 'product', 'softmax']);

function isLowered(graph: Graph, node: Node, propagation: Propagation): boolean {
  const op = ops.get(node.op);
  if (op?.vjp === undefined) return true;
  if (propagation.kind === 'rectified' || !LOWERED.has(op.relevance)) return false;
  const shape = (name: string | undefined): string => String(graph.types.get(name ?? '')?.shape);
  const asWhole = propagation.kind === 'relevance' && propagation.norm === 'identity';
  return !(asWhole && op.relevance === 'normalization' && shape(node.inputs[0]) === shape(node.outputs[0]));
}
