export { allOps } from './ops/all.ts';
export { ops, graphBuilder } from './op-set.ts';
export { OpBuilder, type Operand } from './builder.ts';
export { referenceEngine } from './engine/reference.ts';
export * from './geometry.ts';
export { integerBounds } from './integers.ts';
export { lowerGraph } from './lower-graph.ts';
export { gradientGraph } from './model/derived-graphs.ts';
export { graphModel, type GraphModelOptions } from './model/graph-model.ts';
export { evaluateObjective, isLinear, linearCotangent, type EvaluatedObjective } from './model/objective.ts';
export { foldBatchNorm } from './passes/fold-batch-norm.ts';
export { optimize } from './passes/optimize.ts';
export { removeIdentities } from './passes/remove-identities.ts';
export { withActivationPattern, type PatternedGraph } from './passes/with-activation-pattern.ts';
export { withDecisionMargins, type GraphWithMargins } from './passes/decision-margins.ts';
export { rewriteNodes, type NodeRewrite } from './rewrite-nodes.ts';
export {
  propagatedGraph,
  propagationBlockers,
  type PropagatedGraph,
  type PropagatedRequest,
} from './relevance/propagated-graph.ts';
export { parseEinsum, type Contraction } from './families/einsum.ts';
