import { expect } from 'vitest';
import { fromNumbers, type Feeds, type Tensor } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { readTfjs } from '../src/index.ts';
import { tf, type layers } from './tfjs.ts';

export interface Comparison {
  readonly seed?: number;
  /** Values of inputs by name; others are drawn uniformly from [-2, 2]. */
  readonly feeds?: Readonly<Record<string, readonly number[]>>;
  readonly rows?: number;
}

/** Numbers drawn uniformly from [low, high]. */
function uniform(count: number, seed: number, low: number, high: number): number[] {
  const next = uniformFrom(seed);
  return Array.from({ length: count }, () => low + (high - low) * next());
}

/** Random values in place of the initial weights, variances positive. */
function fillWeights(model: layers.LayersModel, seed: number): void {
  for (const [i, weight] of model.weights.entries()) {
    const shape = weight.shape as number[];
    const isVariance = weight.originalName.endsWith('moving_variance');
    const values = uniform(tf.util.sizeFromShape(shape), seed + 100 * i, isVariance ? 0.5 : -1, isVariance ? 1.5 : 1);
    weight.write(tf.tensor(values, shape, 'float32'));
  }
}

/** Our graph of a model and the forward pass of TensorFlow.js agree for random weights and inputs. */
export async function expectSame(
  model: layers.LayersModel,
  { seed = 1, feeds = {}, rows = 2 }: Comparison = {},
): Promise<void> {
  fillWeights(model, seed);
  const source = await readTfjs(model);
  const given: Record<string, Tensor> = {};
  for (const [i, { name, dtype, shape }] of source.inputs.entries()) {
    const full = [rows, ...(shape.slice(1) as number[])];
    const size = full.reduce((a, b) => a * b, 1);
    const values = feeds[name] ?? uniform(size, seed + 7 * i, -2, 2);
    given[name] = { dtype, shape: full, data: fromNumbers(dtype, values) };
  }
  const expected = tf.tidy(() => {
    const inputs = model.inputs.map((input) => {
      const { shape, data } = given[input.name]!;
      return tf.tensor(Float32Array.from(data as Float32Array), [...shape]);
    });
    const out = model.apply(inputs.length === 1 ? inputs[0]! : inputs);
    return (Array.isArray(out) ? out : [out]).map((t) => {
      const result = t as ReturnType<typeof tf.tensor>;
      return { shape: result.shape, data: result.dataSync() };
    });
  });
  const ours = graphModel(source, referenceEngine);
  const results = await ours.forward(given as Feeds);
  expect(source.outputs.map(({ name }) => results[name]!.shape)).toEqual(expected.map(({ shape }) => shape));
  for (const [i, { name }] of source.outputs.entries()) {
    expect(results[name]!.data).toBeClose(Array.from(expected[i]!.data, Number), { scale: 2e-5 });
  }
}
