import { argumentError, type RelevancePropagation } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Method, Outcome } from '../method.ts';
import { gradientPaths } from '../methods/gradient.ts';
import { cutOf, layerTensors } from '../methods/layer-paths.ts';
import { splitVectors } from '../outcome.ts';
import { differentiated } from '../path.ts';
import type { Source } from '../source.ts';
import { propagatePaths } from './propagate-paths.ts';

/**
 * The relevance of the input by a method's rules. The convergence delta is its sum minus what it started from: biases,
 * stabilizers and parts without a share keep the difference.
 */
export async function relevanceOutcome(context: Context, method: Method): Promise<Outcome> {
  const { params, sources, outputAtInput, evaluation } = context;
  const propagation = method.propagation?.(params) as RelevancePropagation;
  for (const source of sources) checkBox(context, propagation, source);
  const paths = await gradientPaths(context);
  const layers = layerTensors(context);
  const wrt = layers.length === 0 ? differentiated(paths.moving) : layers;
  const { vectors, canonizers } = await propagatePaths(paths, propagation, evaluation, wrt);
  const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
  const cut = layers.length === 0 ? null : cutOf(context);
  return {
    attributions: splitVectors(wrt, vectors, batched),
    ...(cut === null ? {} : cut),
    outputAtInput,
    convergenceDelta: vectors.map(
      (own, row) => own.reduce((sum, v) => sum + v, 0) - started(context, propagation, row),
    ),
    canonizers,
  };
}

/** What relevance starts from in all. */
function started({ outputAtInput, target }: Context, { start }: RelevancePropagation, row: number): number {
  const value = outputAtInput[row] as number;
  if (start === 'value') return value;
  if (start === 'positive') return Math.max(0, value);
  const { rows } = target.objective;
  const own = rows[rows.length === 1 ? 0 : row];
  return own?.kind === 'linear' ? own.weights.reduce((sum, w) => sum + w, 0) : NaN;
}

/** The denominators of the box rule lose their sign outside the box. */
function checkBox({ method, rows }: Context, { composite }: RelevancePropagation, source: Source): void {
  for (const { rule } of composite) {
    if (rule.rule !== 'box') continue;
    const { low = [0], high = [1] } = rule;
    const channels = Math.max(low.length, high.length);
    if (channels > 1 && [low, high].some(({ length }) => length > 1 && length !== source.shape[0])) {
      throw argumentError(method, 'low and high', `one number, or one a channel (${source.shape[0]})`, channels);
    }
    const perChannel = source.size / (source.shape[0] ?? 1);
    for (let i = 0; i < rows * source.size; i++) {
      const channel = Math.floor((i % source.size) / perChannel);
      const at = (bounds: readonly number[]): number => bounds[bounds.length === 1 ? 0 : channel] as number;
      const x = source.values[i] as number;
      if (x >= at(low) && x <= at(high)) continue;
      const between = `inputs from low = ${at(low)} to high = ${at(high)} for the box rule`;
      throw argumentError(method, `"${source.input}"`, between, x, 'Give the bounds in the units of the model input');
    }
  }
}
