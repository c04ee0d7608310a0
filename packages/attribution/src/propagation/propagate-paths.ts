import { asFloats, PathwiseError, throwIfAborted, type Feeds, type Propagation, type Tensor } from '@pathwise/model';
import { feedsAt, joinRow, tileSize, type EvaluationOptions } from '../evaluate/points.ts';
import type { LayerTensor } from '../evaluate/layer-points.ts';
import { differentiated, type StraightPaths } from '../path.ts';

/** What a backward pass gave at the end of every path. */
export interface PropagatedPaths {
  /** Relevance, gradient or multipliers of all differentiated tensors one after another, one vector a path. */
  readonly vectors: readonly Float64Array[];
  readonly outputs: readonly number[];
  /** Inner tensors of the propagation's `wrt` at the paths' starts, one vector a path; empty without a baseline. */
  readonly innerAtBaseline: readonly Float64Array[];
  /** F at the paths' starts; null where the propagation knows no baseline. */
  readonly outputsAtBaseline: readonly number[] | null;
  readonly canonizers: readonly string[];
  /** No node on the way had the rule that makes the method another than the gradient. */
  readonly isGradient: boolean;
}

/**
 * Propagates at the end of each path (with its start as baseline), as many paths at a time as fit the byte budget.
 *
 * @param wrt - inner tensors that values are asked of; default the differentiated ones
 */
export async function propagatePaths(
  paths: StraightPaths,
  propagation: Propagation,
  options: EvaluationOptions,
  wrt: readonly LayerTensor[] = differentiated(paths.moving),
): Promise<PropagatedPaths> {
  const { model, objective, count } = paths;
  if (model.propagate === undefined) throw new PathwiseError('UNSUPPORTED_METHOD', 'the model cannot propagate');
  const isTwin = propagation.kind === 'deep-lift';
  const tile = tileSize(paths, isTwin ? options.maxBytes / 2 : options.maxBytes);
  const names = wrt.map(({ name }) => name);
  const moving = differentiated(paths.moving).map(({ name }) => name);
  const inner = isTwin ? wrt.filter(({ name }) => !moving.includes(name)) : [];
  const innerNames = inner.map(({ name }) => name);
  const innerAtBaseline: Float64Array[] = [];
  const vectors: Float64Array[] = [];
  const outputs: number[] = [];
  const outputsAtBaseline: number[] = [];
  let canonizers: readonly string[] = [];
  let isGradient = false;
  for (let start = 0; start < count; start += tile) {
    throwIfAborted(options.signal);
    const here = Array.from({ length: Math.min(tile, count - start) }, (_, i) => start + i);
    const at = (alpha: 0 | 1): Feeds =>
      feedsAt(
        paths,
        here.map((path) => ({ path, alpha })),
      );
    const rows = objective.rows.length === 1 ? objective.rows : here.map((path) => objective.rows[path]);
    const starts = isTwin ? at(0) : {};
    // The whole twin is emitted, from its inputs on: what goes around a layer starts at the baseline, too.
    const asked = isTwin ? [...new Set([...moving, ...names])] : names;
    const { signal } = options;
    const values = inner.length === 0 ? {} : await model.forward(starts, innerNames, { signal });
    const baseline = Object.fromEntries(
      isTwin ? asked.map((name) => [name, (values[name] ?? starts[name]) as Tensor]) : [],
    );
    const request = { feeds: at(1), objective: { tensor: objective.tensor, rows }, wrt: asked, propagation, baseline };
    const result = await model.propagate(request, { signal: options.signal });
    const data = names.map((name) => asFloats((result.propagated[name] as Tensor).data));
    const sizes = wrt.map(({ size }) => size);
    const before = innerNames.map((name) => asFloats((values[name] as Tensor).data));
    const innerSizes = inner.map(({ size }) => size);
    for (const i of here.keys()) {
      if (inner.length > 0) innerAtBaseline.push(Float64Array.from(joinRow(before, innerSizes, i)));
      vectors.push(Float64Array.from(joinRow(data, sizes, i)));
      outputs.push(result.values[i] as number);
      if (result.baselineValues !== null) outputsAtBaseline.push(result.baselineValues[i] as number);
    }
    ({ canonizers, isGradient } = result);
    options.onProgress?.({ phase: 'rows', done: start + here.length, total: count });
  }
  return {
    vectors,
    innerAtBaseline,
    outputs,
    outputsAtBaseline: isTwin ? outputsAtBaseline : null,
    canonizers,
    isGradient,
  };
}
