import { PathwiseError, type Feeds, type PropagateRequest, type Support, type SupportRequest } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { propagationBlockers, type PropagatedGraph } from '../relevance/propagated-graph.ts';
import { isLinear } from './objective.ts';
import { scaleOutput } from './output-scale.ts';

/** Differences below it are rounding. */
const NEAR_ZERO = { float64: 1e-10, float32: 1e-6 };

/** The smallest difference that an engine's numbers can be divided by. */
export function nearZeroOf(engine: string): number {
  return engine === 'reference' ? NEAR_ZERO.float64 : NEAR_ZERO.float32;
}

/**
 * @throws PathwiseError BAD_ARGUMENT for an F that is no weighted sum of its output, or a baseline that is missing
 */
export function checkPropagation({ objective, propagation, baseline, wrt }: PropagateRequest): void {
  if (propagation.kind !== 'rectified' && !isLinear(objective)) {
    throw new PathwiseError(
      'BAD_ARGUMENT',
      'relevance and multipliers start at elements of an output: the target must be an index, a contrast or sum, not a function',
    );
  }
  if (propagation.kind !== 'deep-lift') return;
  const missing = wrt.find((name) => baseline?.[name] === undefined);
  if (missing !== undefined) {
    throw new PathwiseError('BAD_ARGUMENT', `DeepLIFT needs the baseline of "${missing}"`, { tensor: missing });
  }
}

/** Baselines under the names of the inputs that take them. */
export function baselineFeeds({ baselines }: PropagatedGraph, baseline: Feeds = {}): Feeds {
  return Object.fromEntries([...baselines].map(([tensor, input]) => [input, baseline[tensor] as Feeds[string]]));
}

/** Whether every node between `wrt` and the output, in the scale that is asked for, has a rule. */
export function propagationSupport(
  graph: Graph,
  { propagation, output, scale, wrt }: SupportRequest & { readonly output: string; readonly wrt: readonly string[] },
): Support {
  const scaled = scale === undefined ? { graph, tensor: output } : scaleOutput(graph, output, scale);
  const { inputs: fed } = scaled.graph;
  const missing = propagationBlockers(scaled.graph, { fed, target: scaled.tensor, wrt, propagation, nearZero: 0 });
  return missing.length === 0 ? { ok: true } : { ok: false, missing };
}
