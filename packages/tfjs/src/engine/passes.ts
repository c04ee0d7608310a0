import { isFloat, sizeOf, toFloat64, type Feeds, type Tensor } from '@pathwise/model';
import type { Runner } from './runner.ts';
import type { Tf, TfTensor } from './tf.ts';

/** Values of `wanted` and, with cotangents, gradients: one pass over a few rows. */
export interface Pass {
  readonly values: readonly Tensor[];
  readonly gradients: readonly Tensor[];
}

/** Values of tensors, and nothing that stays behind in TensorFlow.js. */
export async function forwardPass(tf: Tf, runner: Runner, feeds: Feeds, wanted: readonly string[]): Promise<Tensor[]> {
  const values = tf.tidy(() => {
    const fed = new Map(Object.entries(feeds).map(([name, t]) => [name, tfTensor(tf, t)]));
    return runner.evaluate(tf, fed, wanted).map((value) => tf.clone(value));
  });
  return read(tf, values);
}

/**
 * Gradients of the sum of cotangents times the tensors they are for. A tensor of `wrt` that does not matter has the
 * gradient zero.
 */
export async function gradientPass(
  tf: Tf,
  runner: Runner,
  feeds: Feeds,
  { cotangents, wrt, wanted }: { cotangents: Feeds; wrt: readonly string[]; wanted: readonly string[] },
): Promise<Pass> {
  const targets = Object.keys(cotangents);
  let values: TfTensor[] = [];
  try {
    const gradients = tf.tidy(() => {
      const all = new Map(Object.entries(feeds).map(([name, t]) => [name, tfTensor(tf, t)]));
      const weights = targets.map((name) => tfTensor(tf, cotangents[name] as Tensor));
      const f = (...moving: TfTensor[]): TfTensor => {
        const fed = new Map([...all, ...wrt.map((name, i) => [name, moving[i] as TfTensor] as const)]);
        const results = runner.evaluate(tf, fed, [...targets, ...wanted]);
        values = results.slice(targets.length).map((value) => tf.keep(tf.clone(value)));
        const terms = [
          ...weights.map((weight, i) => tf.sum(tf.mul(results[i] as TfTensor, weight))),
          // tf.grads throws for what f does not read; zero times it is a way of reading.
          ...moving.map((x) => tf.sum(tf.mul(x, 0))),
        ];
        return terms.reduce((sum, term) => tf.add(sum, term));
      };
      return tf.grads(f)(wrt.map((name) => all.get(name) as TfTensor));
    });
    return { gradients: await read(tf, gradients), values: await read(tf, values) };
  } catch (error) {
    tf.dispose(values);
    throw error;
  }
}

function tfTensor(tf: Tf, { shape, dtype, data }: Tensor): TfTensor {
  const numbers = toFloat64(data);
  return isFloat(dtype)
    ? tf.tensor(Float32Array.from(numbers), shape, 'float32')
    : tf.tensor(Int32Array.from(numbers), shape, dtype === 'bool' ? 'bool' : 'int32');
}

async function read(tf: Tf, tensors: readonly TfTensor[]): Promise<Tensor[]> {
  try {
    return await Promise.all(
      tensors.map(async (tensor): Promise<Tensor> => {
        const { shape, dtype } = tensor;
        const values = (await tensor.data()).slice();
        const type = dtype === 'int32' || dtype === 'bool' ? dtype : 'float32';
        return { dtype: type, shape: [...shape], data: type === 'float32' ? Float64Array.from(values) : values };
      }),
    );
  } finally {
    tf.dispose(tensors);
  }
}

/** Tensors stacked along their first axis. */
export function stack(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor];
  if (parts.length === 1) return first;
  const size = parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const data = isFloat(first.dtype) ? new Float64Array(size) : new Int32Array(size);
  let at = 0;
  for (const part of parts) {
    data.set(toFloat64(part.data), at);
    at += part.data.length;
  }
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  return { dtype: first.dtype, shape: [rows, ...first.shape.slice(1)], data };
}
