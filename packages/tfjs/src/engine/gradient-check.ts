import {
  PathwiseError,
  randomNormal,
  sizeOf,
  streams,
  toFloat64,
  type Blocker,
  type Feeds,
  type Tensor,
} from '@pathwise/model';
import { differenceError, LARGEST_ERROR, rootMeanSquare } from './difference-check.ts';

/** A model whose gradient is to be checked. */
export interface Differentiated {
  readonly targets: readonly string[];
  readonly wrt: readonly string[];
  /** Values of the targets for rows that are stacked. */
  values(feeds: Feeds): Promise<readonly Tensor[]>;
  /** Gradients by `wrt` of the targets times cotangents, for one row. */
  gradients(feeds: Feeds, cotangents: Feeds): Promise<readonly Tensor[]>;
}

/** Why a model is refused, and what stands in the way. */
export interface Refusal {
  readonly problem: string;
  readonly missing: readonly Blocker[];
  readonly cause?: unknown;
}

/**
 * Differentiates a random functional of the targets at a random point of the size of `row`, and compares with
 * differences.
 * @param stack - joins rows
 * @returns null where the gradient is right
 */
export async function checkGradient(
  model: Differentiated,
  row: Feeds,
  stack: (parts: readonly Tensor[]) => Tensor,
): Promise<Refusal | null> {
  const { targets, wrt } = model;
  const sample: Record<string, Tensor> = { ...row };
  for (const [tensor, name] of wrt.entries()) sample[name] = noise(row[name] as Tensor, 1, tensor);
  const outputs = await model.values(sample);
  const cotangents = Object.fromEntries(
    outputs.map((output, tensor) => [
      targets[tensor] as string,
      noise({ ...output, data: new Float64Array(sizeOf(output.shape)) }, 2, tensor),
    ]),
  );
  let gradients: readonly Tensor[];
  try {
    gradients = await model.gradients(sample, cotangents);
  } catch (cause) {
    if (cause instanceof PathwiseError) throw cause;
    return unable(cause);
  }
  const gradient = Object.fromEntries(wrt.map((name, i) => [name, gradients[i] as Tensor]));
  const valuesOf = async (rows: readonly Feeds[]): Promise<number[]> => {
    const names = Object.keys(sample);
    const all = Object.fromEntries(names.map((name) => [name, stack(rows.map((one) => one[name] as Tensor))]));
    const values = await model.values(all);
    return rows.map((_, k) =>
      targets.reduce((sum, target, i) => sum + dotRow(values[i] as Tensor, cotangents[target] as Tensor, k), 0),
    );
  };
  const error = await differenceError(sample, { valuesOf, gradient });
  if (error <= LARGEST_ERROR) return null;
  const problem = `its gradient is off by ${error.toPrecision(2)} of its size from differences (${LARGEST_ERROR} is allowed)`;
  return { problem, missing: [{ node: 'model', op: 'tfjs', reason: problem }] };
}

/** Normal numbers of the size of a tensor's. */
function noise(t: Tensor, seed: number, tensor: number): Tensor {
  const size = rootMeanSquare(t);
  const draw = (element: number): number => size * randomNormal(seed, streams.gaussian, { element, tensor });
  return { ...t, data: Float64Array.from({ length: t.data.length }, (_, element) => draw(element)) };
}

function dotRow(values: Tensor, weights: Tensor, row: number): number {
  const [all, own] = [toFloat64(values.data), toFloat64(weights.data)];
  return own.reduce((sum, weight, i) => sum + weight * (all[row * own.length + i] as number), 0);
}

function unable(cause: unknown): Refusal {
  const why = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
  const isBare = /gradient function not found for (?:Sum|Multiply|Add)\b/.test(why);
  const advice = isBare ? '. Import @tensorflow/tfjs or @tensorflow/tfjs-layers: they bring the gradients' : '';
  const name = /'(\w+)' not registered|not found for (\w+)/.exec(why)?.slice(1).find(Boolean) ?? '';
  const missing = [{ node: name, op: name, reason: why }];
  return { problem: `it cannot be differentiated: ${why.replace(/\.$/, '')}${advice}`, missing, cause };
}
