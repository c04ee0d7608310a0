import { foldConstants, mergeCommonSubexpressions, removeDeadNodes, type Graph } from '@pathwise/graph';
import { ops } from '../op-set.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { removeIdentities } from './remove-identities.ts';

/**
 * Makes a graph smaller without changing what its outputs and the tensors of `keep` are: folds constants and batch
 * normalizations, removes nodes that do nothing, that are computed twice or that nobody needs.
 */
export function optimize(graph: Graph, keep: readonly string[] = []): Graph {
  const merge = (g: Graph): Graph => mergeCommonSubexpressions(g, keep);
  return removeDeadNodes(merge(foldBatchNorm(merge(simplify(graph, keep)), keep)), keep);
}

/** Folds constants and removes nodes that do nothing or that nobody needs; what is computed twice stays twice. */
export function simplify(graph: Graph, keep: readonly string[] = []): Graph {
  return removeIdentities(foldConstants(removeDeadNodes(graph, keep), ops), keep);
}
