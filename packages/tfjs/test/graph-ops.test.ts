import { describe, expect, test } from 'vitest';
import { float32, sizeOf, type Tensor } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { opCases, type OpCase } from './graph-ops.ts';
import { tf } from './tfjs.ts';
import { is, s, WrittenGraph } from './written-graph.ts';

/** Uniform numbers, the same every time. */
function random(seed: number, count: number, [low, high]: readonly [number, number]): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  });
}

/** Behind a convolution that changes nothing, images are held channels first. */
function behindConvolution(g: WrittenGraph, name: string, shape: readonly number[]): string {
  if (shape.length !== 3) return name;
  const kernel = g.constant([1, 1, shape[2]!, 1], new Array<number>(shape[2]!).fill(1));
  const ones = is(1, 1, 1, 1);
  const attr = { strides: ones, dilations: ones, padding: s('VALID'), data_format: s('NHWC') };
  return g.node('DepthwiseConv2dNative', [name, kernel], attr);
}

async function expectSame(opCase: OpCase, channelsFirst: boolean): Promise<void> {
  const { moving, domain = [-2, 2], oneRow = false } = opCase;
  const rows = oneRow ? 1 : 2;
  const g = new WrittenGraph();
  const names = moving.map((shape, k) => g.input(`x${k}`, [oneRow ? 1 : null, ...shape]));
  const inputs = channelsFirst ? names.map((name, k) => behindConvolution(g, name, moving[k]!)) : names;
  const written = opCase.write(g, inputs);
  const outputs = typeof written === 'string' ? [written] : written;
  for (const [k, output] of outputs.entries()) g.output(`y${k}`, output);
  const feeds = Object.fromEntries(
    moving.map((shape, k): [string, Tensor] => {
      const full = [rows, ...shape];
      return [names[k]!, float32(full, random(7 + k, sizeOf(full), domain))];
    }),
  );
  const computed = await graphModel(await g.source(), referenceEngine).forward(feeds);
  const oracle = await g.tfjs();
  const given = Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => [name, tf.tensor(data as Float32Array, [...shape])]),
  );
  const expected = [
    oracle.execute(
      given,
      outputs.map((output) => (output.includes(':') ? output : `${output}:0`)),
    ),
  ].flat();
  for (const [k, y] of expected.entries()) {
    const got = computed[`y${k}`]!;
    // A tensor without a batch gets an axis for the rows.
    if (rows === 2) expect(got.shape).toEqual(y.shape);
    expect(got.data).toBeClose(await y.data(), { rtol: 1e-5, scale: 2e-6, atol: 1e-7 });
  }
  tf.dispose([oracle.weights as never, Object.values(given), expected]);
}

// The oracle is the forward pass of TensorFlow.js 4.22.0 on its cpu backend.
describe.each(['as written', 'channels first'])('ops agree with TensorFlow.js, inputs %s', (layout) => {
  const first = layout === 'channels first';
  const cases = opCases.filter(({ moving }) => !first || moving.some((shape) => shape.length === 3));
  test.each(cases.map((opCase) => [opCase.name, opCase] as const))('%s', async (_, opCase) => {
    await expectSame(opCase, first);
  });
});
