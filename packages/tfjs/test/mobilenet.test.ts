import { expect, test } from 'vitest';
import { float32, type Objective, type Tensor } from '@pathwise/model';
import { graphModel } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { tf } from './tfjs.ts';
import { b, f, i, is, s, ss, WrittenGraph } from './written-graph.ts';

/** Channels and strides of the thirteen blocks: Howard et al. 2017, arXiv:1704.04861, table 1. */
const BLOCKS: readonly (readonly [number, number])[] = [
  ...([
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ] as const),
  ...new Array<readonly [number, number]>(5).fill([512, 1]),
  ...([
    [1024, 2],
    [1024, 1],
  ] as const),
];

/** MobileNet 1.0 for 224 by 224 pixels as the converter writes it: batch norms folded, activations fused. Random weights. */
function mobileNet(): WrittenGraph {
  const g = new WrittenGraph();
  const next = uniformFrom(5);
  const random = (shape: number[], inputs: number): string => {
    const size = shape.reduce((n, d) => n * d, 1);
    // Activations keep their size from layer to layer.
    const scale = Math.sqrt(6 / inputs);
    return g.constant(
      shape,
      Float32Array.from({ length: size }, () => scale * (2 * next() - 1)),
    );
  };
  const fused = (op: string, x: string, kernel: string, bias: string, stride: number): string =>
    g.node(op, [x, kernel, bias], {
      strides: is(1, stride, stride, 1),
      dilations: is(1, 1, 1, 1),
      padding: s('SAME'),
      data_format: s('NHWC'),
      fused_ops: ss('BiasAdd', 'Relu6'),
      num_args: i(1),
      epsilon: f(0),
    });
  let x = fused('_FusedConv2D', g.input('image', [null, 224, 224, 3]), random([3, 3, 3, 32], 27), random([32], 60), 2);
  let channels = 32;
  for (const [out, stride] of BLOCKS) {
    x = fused('FusedDepthwiseConv2dNative', x, random([3, 3, channels, 1], 9), random([channels], 60), stride);
    x = fused('_FusedConv2D', x, random([1, 1, channels, out], channels), random([out], 60), 1);
    channels = out;
  }
  const pooled = g.node('Mean', [x, g.ints(1, 2)], { keep_dims: b(false) });
  const logits = g.node('MatMul', [pooled, random([channels, 1000], channels)], {});
  g.output('logits', g.node('BiasAdd', [logits, random([1000], 60)]));
  return g;
}

test('a MobileNet runs on the core, agrees with TensorFlow.js, and its gradient with differences', async () => {
  const g = mobileNet();
  const source = await g.source();
  const transposes = source.graph({}).nodes.filter(({ op }) => op === 'Transpose');
  expect(transposes.map(({ inputs: [input] }) => input)).toEqual(['image']);

  const next = uniformFrom(9);
  const pixels = Float32Array.from({ length: 224 * 224 * 3 }, () => 2 * next() - 1);
  const image: Tensor = float32([1, 224, 224, 3], pixels);
  const live = await g.tfjs();
  const logitsOf = async (data: Float32Array): Promise<Float32Array> => {
    const [x, y] = tf.tidy(() => {
      const input = tf.tensor(data, [1, 224, 224, 3]);
      return [tf.keep(input), tf.keep(live.execute({ image: input }) as typeof input)];
    });
    const values = (await y.data()) as Float32Array;
    tf.dispose([x, y]);
    return values;
  };
  const expected = await logitsOf(pixels);
  const top = expected.indexOf(Math.max(...expected));

  const model = graphModel(source, wasmEngine);
  const objective: Objective = {
    tensor: 'logits',
    rows: [{ kind: 'linear', weights: Float64Array.from({ length: 1000 }, (_, k) => Number(k === top)) }],
  };
  const { tensors, gradients } = await model.gradient({
    feeds: { image },
    objective,
    wrt: ['image'],
    wanted: ['logits'],
  });
  expect(tensors['logits']?.data).toBeClose(expected, { scale: 1e-5 });

  // Along the gradient g itself the difference quotient is |g|. The step is small beside the kinks of Relu6.
  const gradient = gradients['image']!.data as Float64Array;
  const norm = Math.hypot(...gradient);
  const step = 1e-4 * Math.sqrt(pixels.length);
  const at = (sign: number): Float32Array => pixels.map((v, k) => v + (sign * step * gradient[k]!) / norm);
  const [ahead, behind] = [await logitsOf(at(1)), await logitsOf(at(-1))];
  expect((ahead[top]! - behind[top]!) / (2 * step)).toBeClose(norm, { rtol: 0.02 });
  model.dispose();
}, 120_000);
