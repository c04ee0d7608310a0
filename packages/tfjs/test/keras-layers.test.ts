import { describe, expect, test } from 'vitest';
import { functional, layer, read, run, type Config, type LayerJson, type WeightOf } from './keras-json.ts';
import { tf } from './tfjs.ts';

type Live = ReturnType<typeof tf.tensor>;
type Input = readonly [shape: readonly number[], values: readonly number[]];

/** 0.1, 0.2 … with changing signs. */
const ramp = (...shape: number[]): [number[], number[]] => [
  shape,
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i % 7) - 3) * 0.3 + (i % 3) * 0.1 + i * 0.01),
];
const live = ([shape, values]: Input): Live => tf.tensor([...values], [1, ...shape], 'float32');
const weightOf = (name: string, ...shape: number[]): WeightOf => [name, shape, ramp(...shape)[1]];
const tensorOf = ([, shape, values]: WeightOf): Live => tf.tensor(Array.from(values), [...shape], 'float32');

/** The one output of layers on inputs x, y, z … */
async function outputOf(
  layers: readonly LayerJson[],
  inputs: readonly Input[],
  weights: readonly WeightOf[] = [],
  version = '2.15.0',
): Promise<{ shape: readonly number[]; values: number[] }> {
  const names = ['x', 'y', 'z', 'u', 'v'];
  const named = Object.fromEntries(inputs.map((input, i) => [names[i]!, input]));
  const shapes = Object.fromEntries(inputs.map(([shape], i) => [names[i]!, [...shape]]));
  const [first] = await run(functional(shapes, layers, { version }), weights, named);
  return first!;
}

/** A layer and the same made of operations of TensorFlow.js. */
async function expectOps(
  layers: readonly LayerJson[],
  inputs: readonly Input[],
  weights: readonly WeightOf[],
  expected: (...inputs: Live[]) => Live,
  version?: string,
): Promise<void> {
  const result = await outputOf(layers, inputs, weights, version);
  const wanted = expected(...inputs.map(live));
  expect(result.shape).toEqual(wanted.shape.slice(1));
  expect(result.values).toBeClose(Array.from(wanted.dataSync()), { scale: 1e-5 });
}

const dims = (t: Live, axis: number): Live => tf.expandDims(t, axis);

// TensorFlow.js has no such layers, or other ones: expected values are its operations put together by the formulas of
// Keras 2.15 and 3.
describe('layers by the formulas of Keras', () => {
  test('Conv1D causal pads in front', async () => {
    const [kernel, bias] = [weightOf('conv1d/kernel', 2, 3, 4), weightOf('conv1d/bias', 4)];
    await expectOps([layer('Conv1D', { padding: 'causal', dilation_rate: 2 })], [ramp(5, 3)], [kernel, bias], (x) =>
      tf.add(
        tf.conv1d(
          tf.pad(x, [
            [0, 0],
            [2, 0],
            [0, 0],
          ]) as never,
          tensorOf(kernel) as never,
          1,
          'valid',
          'NWC',
          2,
        ),
        tensorOf(bias),
      ),
    );
  });

  test('Conv2D of channels first, and grouped', async () => {
    const kernel = weightOf('conv2d/kernel', 2, 3, 3, 4);
    const config = { use_bias: false, data_format: 'channels_first', strides: [2, 1], padding: 'same' };
    await expectOps([layer('Conv2D', config)], [ramp(3, 5, 6)], [kernel], (x) =>
      tf.transpose(
        tf.conv2d(tf.transpose(x, [0, 2, 3, 1]) as never, tensorOf(kernel) as never, [2, 1], 'same'),
        [0, 3, 1, 2],
      ),
    );
    const grouped = weightOf('conv2d/kernel', 2, 2, 2, 6);
    await expectOps([layer('Conv2D', { use_bias: false, groups: 2 })], [ramp(4, 4, 4)], [grouped], (x) => {
      const [xs, ks] = [tf.split(x, 2, 3), tf.split(tensorOf(grouped), 2, 3)];
      return tf.concat(
        [0, 1].map((g) => tf.conv2d(xs[g] as never, ks[g] as never, 1, 'valid')),
        3,
      );
    });
  });

  test('DepthwiseConv1D and SeparableConv1D', async () => {
    const depthwise = weightOf('depthwiseconv1d/depthwise_kernel', 2, 3, 2);
    const asImage = (w: WeightOf): Live => dims(tensorOf(w), 0);
    await expectOps([layer('DepthwiseConv1D', { use_bias: false })], [ramp(5, 3)], [depthwise], (x) =>
      tf.squeeze(tf.depthwiseConv2d(dims(x, 1) as never, asImage(depthwise) as never, 1, 'valid'), [1]),
    );
    const [d, p] = [
      weightOf('separableconv1d/depthwise_kernel', 2, 3, 2),
      weightOf('separableconv1d/pointwise_kernel', 1, 6, 4),
    ];
    await expectOps([layer('SeparableConv1D', { use_bias: false, padding: 'same' })], [ramp(5, 3)], [d, p], (x) =>
      tf.squeeze(tf.separableConv2d(dims(x, 1) as never, asImage(d) as never, asImage(p) as never, 1, 'same'), [1]),
    );
  });

  test('Conv1DTranspose, and Conv2DTranspose with output padding', async () => {
    const kernel = weightOf('conv1dtranspose/kernel', 3, 2, 4);
    await expectOps(
      [layer('Conv1DTranspose', { use_bias: false, strides: 2, padding: 'same' })],
      [ramp(5, 4)],
      [kernel],
      (x) =>
        tf.squeeze(
          tf.conv2dTranspose(dims(x, 1) as never, dims(tensorOf(kernel), 0) as never, [1, 1, 10, 2], [1, 2], 'same'),
          [1],
        ),
    );
    const image = weightOf('conv2dtranspose/kernel', 3, 3, 2, 3);
    // Size (5 - 1) * 2 + 3 - 2 + 1 = 10, where it would be 10 anyhow, and 7 for the second axis.
    const config = { use_bias: false, strides: [2, 2], padding: 'same', output_padding: [1, 0] };
    await expectOps([layer('Conv2DTranspose', config)], [ramp(5, 4, 3)], [image], (x) =>
      tf.conv2dTranspose(x as never, tensorOf(image) as never, [1, 10, 7, 2], 2, 'same'),
    );
  });

  test('padding, cropping and up-sampling of sequences and volumes', async () => {
    await expectOps([layer('ZeroPadding1D', { padding: [1, 2] })], [ramp(3, 2)], [], (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 2],
        [0, 0],
      ]),
    );
    await expectOps([layer('ZeroPadding3D', { padding: [1, 0, 2] })], [ramp(2, 3, 2, 2)], [], (x) =>
      tf.pad(x, [
        [0, 0],
        [1, 1],
        [0, 0],
        [2, 2],
        [0, 0],
      ]),
    );
    await expectOps([layer('Cropping1D', { cropping: [1, 1] })], [ramp(5, 2)], [], (x) =>
      tf.slice(x, [0, 1, 0], [1, 3, 2]),
    );
    await expectOps(
      [
        layer('Cropping3D', {
          cropping: [
            [1, 0],
            [0, 1],
            [0, 0],
          ],
        }),
      ],
      [ramp(2, 3, 2, 2)],
      [],
      (x) => tf.slice(x, [0, 1, 0, 0, 0], [1, 1, 2, 2, 2]),
    );
    expect(
      (
        await outputOf(
          [layer('UpSampling1D', { size: 2 })],
          [
            [
              [2, 1],
              [5, 7],
            ],
          ],
        )
      ).values,
    ).toEqual([5, 5, 7, 7]);
    expect(
      (
        await outputOf(
          [layer('UpSampling3D', { size: [1, 1, 2] })],
          [
            [
              [1, 1, 2, 1],
              [5, 7],
            ],
          ],
        )
      ).values,
    ).toEqual([5, 5, 7, 7]);
    expect(
      (
        await outputOf(
          [layer('CenterCrop', { height: 1, width: 2 })],
          [
            [
              [2, 4, 1],
              [0, 1, 2, 3, 4, 5, 6, 7],
            ],
          ],
        )
      ).values,
    ).toEqual([1, 2]);
  });

  // Closed forms of two pixels 0 and 4 doubled.
  test.each([
    ['UpSampling2D', { size: [1, 2], interpolation: 'bilinear' }, '2.15.0', [0, 1, 3, 4]],
    ['UpSampling2D', { size: [1, 2], interpolation: 'bilinear' }, 'tfjs-layers 4.22.0', [0, 2, 4, 4]],
    ['Resizing', { height: 1, width: 4 }, '2.15.0', [0, 1, 3, 4]],
    ['Resizing', { height: 1, width: 4 }, 'tfjs-layers 4.22.0', [0, 4 / 3, 8 / 3, 4]],
  ])('%s %o of %s', async (name, config, version, expected) => {
    const layers = [layer(name, config)];
    expect(
      (
        await outputOf(
          layers,
          [
            [
              [1, 2, 1],
              [0, 4],
            ],
          ],
          [],
          version,
        )
      ).values,
    ).toBeClose(expected);
    const source = await read(functional({ x: [1, 2, 1] }, layers, { version }));
    source.graph({});
    expect(source.warnings.map(({ code }) => code)).toEqual(['interpolation']);
  });

  test('BatchNormalization along any axis', async () => {
    for (const axis of [1, 2, 3, -1]) {
      const x = ramp(2, 3, 4);
      const size = [1, 2, 3, 4].at(axis)!;
      const names = ['gamma', 'beta', 'moving_mean', 'moving_variance'];
      const weights = names.map((name, i): WeightOf => [
        `batchnormalization/${name}`,
        [size],
        Array.from({ length: size }, (_, k) => 0.5 + k * 0.2 + i),
      ]);
      await expectOps([layer('BatchNormalization', { axis: [axis], epsilon: 0.01 })], [x], weights, (t) => {
        const shape = [1, 1, 1, 1];
        shape[axis < 0 ? axis + 4 : axis] = size;
        const [gamma, beta, mean, variance] = weights.map((w) => tf.reshape(tensorOf(w), shape)) as [
          Live,
          Live,
          Live,
          Live,
        ];
        return tf.add(tf.mul(gamma, tf.div(tf.sub(t, mean), tf.sqrt(tf.add(variance, 0.01)))), beta);
      });
    }
  });

  test('GroupNormalization', async () => {
    const weights = [weightOf('groupnormalization/gamma', 4), weightOf('groupnormalization/beta', 4)];
    await expectOps([layer('GroupNormalization', { groups: 2, epsilon: 0.01 })], [ramp(3, 2, 4)], weights, (x) => {
      const groups = tf.reshape(x, [1, 3, 2, 2, 2]);
      const { mean, variance } = tf.moments(groups, [1, 2, 4], true);
      const standard = tf.reshape(tf.div(tf.sub(groups, mean), tf.sqrt(tf.add(variance, 0.01))), [1, 3, 2, 4]);
      return tf.add(tf.mul(standard, tensorOf(weights[0]!)), tensorOf(weights[1]!));
    });
  });

  test('Normalization by statistics in weights or in the configuration', async () => {
    const weights: WeightOf[] = [
      ['normalization/mean', [2], [1, 2]],
      ['normalization/variance', [2], [4, 0]],
      ['normalization/count', [], [7]],
    ];
    // (3 - 1) / 2, and a variance of 0 is kept from dividing by 0.
    expect((await outputOf([layer('Normalization', { axis: [-1] })], [[[2], [3, 2]]], weights)).values).toEqual([1, 0]);
    const given = layer('Normalization', { axis: null, mean: 1, variance: 4 });
    expect((await outputOf([given], [[[2], [3, 2]]])).values).toEqual([1, 0.5]);
  });

  test('Subtract, global pools of volumes, kept axes', async () => {
    await expectOps([layer('Subtract')], [ramp(3), ramp(3)], [], (x, y) => tf.sub(x, tf.mul(y, 1)));
    await expectOps([layer('GlobalAveragePooling3D')], [ramp(2, 3, 2, 2)], [], (x) => tf.mean(x, [1, 2, 3]));
    await expectOps([layer('GlobalMaxPooling3D')], [ramp(2, 3, 2, 2)], [], (x) => tf.max(x, [1, 2, 3]));
    await expectOps([layer('GlobalAveragePooling2D', { keepdims: true })], [ramp(2, 3, 2)], [], (x) =>
      tf.mean(x, [1, 2], true),
    );
    await expectOps([layer('GlobalMaxPooling1D', { keepdims: true })], [ramp(3, 2)], [], (x) => tf.max(x, [1], true));
    await expectOps([layer('MaxPooling2D', { data_format: 'channels_first' })], [ramp(2, 4, 4)], [], (x) =>
      tf.transpose(tf.maxPool(tf.transpose(x, [0, 2, 3, 1]) as never, 2, 2, 'valid'), [0, 3, 1, 2]),
    );
  });

  test('ReLU with threshold and slope; Softmax over several axes; ELU and LeakyReLU by their parameters', async () => {
    const x: Input = [[4], [-2, 0.5, 1, 3]];
    // Below 1: 0.1 (x - 1); at most 2 above.
    const reLU = layer('ReLU', { threshold: 1, negative_slope: 0.1, max_value: 2 });
    expect((await outputOf([reLU], [x])).values).toBeClose([-0.3, -0.05, 1, 2], { rtol: 1e-6 });
    expect((await outputOf([layer('ReLU', { threshold: 1 })], [x])).values).toEqual([0, 0, 1, 3]);
    expect((await outputOf([layer('ELU', { alpha: 2 })], [x])).values).toBeClose([2 * (Math.exp(-2) - 1), 0.5, 1, 3], {
      rtol: 1e-6,
    });
    expect((await outputOf([layer('LeakyReLU', { negative_slope: 0.5 })], [x])).values).toEqual([-1, 0.5, 1, 3]);
    expect((await outputOf([layer('LeakyReLU', {})], [x])).values[0]).toBeCloseTo(-0.6);
    await expectOps([layer('Softmax', { axis: [1, 2] })], [ramp(2, 3, 2)], [], (t) => {
      const exponentials = tf.exp(t);
      return tf.div(exponentials, tf.sum(exponentials, [1, 2], true));
    });
    await expectOps([layer('Softmax', { axis: 1 })], [ramp(3, 2)], [], (t) => {
      const exponentials = tf.exp(t);
      return tf.div(exponentials, tf.sum(exponentials, [1], true));
    });
  });

  const relu6 = (x: number): number => Math.min(6, Math.max(0, x));
  const softplus = (x: number): number => Math.log1p(Math.exp(x));
  test.each<[string, (x: number) => number, string?]>([
    ['hard_sigmoid', (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5))],
    ['hard_sigmoid', (x) => relu6(x + 3) / 6, '3.4.1'],
    ['silu', (x) => x / (1 + Math.exp(-x))],
    ['hard_silu', (x) => (x * relu6(x + 3)) / 6, '3.4.1'],
    ['exponential', Math.exp],
    ['leaky_relu', (x) => (x < 0 ? 0.2 * x : x)],
    ['celu', (x) => Math.max(0, x) + Math.min(0, Math.exp(x) - 1)],
    ['log_sigmoid', (x) => -softplus(-x)],
    ['log_softmax', (x) => x - Math.log([-2.7, -0.4, 0.3, 2.9].reduce((sum, v) => sum + Math.exp(v), 0))],
  ])('Activation %s', async (activation, f, version) => {
    const values = [-2.7, -0.4, 0.3, 2.9];
    const result = await outputOf([layer('Activation', { activation })], [[[4], values]], [], version);
    expect(result.values).toBeClose(values.map(f), { rtol: 1e-6, atol: 1e-7 });
  });

  test('activations as Keras 3 writes them: functions and layers', async () => {
    const x: Input = [[2], [-2, 3]];
    const identity: WeightOf[] = [
      ['m/dense/kernel', [2, 2], [1, 0, 0, 1]],
      ['m/dense/bias', [2], [0, 0]],
    ];
    const dense = (activation: unknown): Promise<{ values: number[] }> =>
      outputOf([layer('Dense', { activation })], [x], identity, '3.4.1');
    expect(
      (await dense({ module: 'builtins', class_name: 'function', config: 'relu', registered_name: 'function' })).values,
    ).toEqual([0, 3]);
    expect((await dense({ class_name: 'LeakyReLU', config: { negative_slope: 0.5 } })).values).toEqual([-1, 3]);
    await expect(dense({ class_name: 'Odd', config: {} })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: test: layer "dense" (Dense): layers of class Odd inside it are not supported]`,
    );
  });
});

const recurrent = (units: number, features: number, gates: number, name: string): WeightOf[] => [
  weightOf(`${name}/cell/kernel`, features, gates * units),
  weightOf(`${name}/cell/recurrent_kernel`, units, gates * units),
  weightOf(`${name}/cell/bias`, gates * units),
];

describe('masks and states', () => {
  const [x, y] = [0.5, -0.25];
  /** h' = x + h for a cell without activation whose weights are 1. */
  const sum = (config: Config): LayerJson => layer('SimpleRNN', { activation: 'linear', use_bias: false, ...config });
  const ones: WeightOf[] = [
    ['simplernn/kernel', [1, 1], [1]],
    ['simplernn/recurrent_kernel', [1, 1], [1]],
  ];
  const steps = (...values: number[]): Input => [[values.length, 1], values];
  const masking = layer('Masking', { mask_value: 9 });

  test('a masked step repeats the output before, or gives zero', async () => {
    const input = steps(9, x, 9, y);
    const all = { return_sequences: true };
    expect((await outputOf([masking, sum(all)], [input], ones)).values).toEqual([0, x, x, x + y]);
    expect((await outputOf([masking, sum({ ...all, zero_output_for_mask: true })], [input], ones)).values).toEqual([
      0,
      x,
      0,
      x + y,
    ]);
    expect((await outputOf([masking, sum({ ...all, go_backwards: true })], [input], ones)).values).toEqual([
      y,
      y,
      x + y,
      x + y,
    ]);
    expect((await outputOf([masking, sum({})], [input], ones)).values).toEqual([x + y]);
  });

  test('initial states, as inputs of Keras 2 and as an argument of Keras 3', async () => {
    const two = sum({});
    expect((await outputOf([two], [steps(x, y), [[1], [2]]], ones)).values).toEqual([x + y + 2]);
    const tensor = (name: string): object => ({
      class_name: '__keras_tensor__',
      config: { keras_history: [name, 0, 0] },
    });
    const call = [{ args: [tensor('x')], kwargs: { initial_state: [tensor('y')], mask: null } }];
    expect((await outputOf([{ ...two, inbound: call }], [steps(x, y), [[1], [2]]], ones, '3.4.1')).values).toEqual([
      x + y + 2,
    ]);
  });

  test('before the first step that counts Keras gives zero and TensorFlow.js the initial state', async () => {
    const layers = [
      masking,
      {
        ...sum({ return_sequences: true }),
        inbound: [
          [
            ['masking', 0, 0, {}],
            ['y', 0, 0, {}],
          ],
        ],
      },
    ];
    const first = { ...layers[0]!, inbound: [[['x', 0, 0, {}]]] };
    const values = async (version: string): Promise<number[]> =>
      (await outputOf([first, layers[1]!], [steps(9, x), [[1], [2]]], ones, version)).values;
    expect(await values('2.15.0')).toEqual([0, x + 2]);
    expect(await values('tfjs-layers 4.22.0')).toEqual([2, x + 2]);
  });

  test('return_state adds the last states', async () => {
    const lstm = layer('LSTM', { return_state: true });
    const weights = recurrent(2, 3, 4, 'lstm');
    const topology = functional({ x: [4, 3] }, [lstm], {
      outputs: [
        ['lstm', 0, 0],
        ['lstm', 0, 1],
        ['lstm', 0, 2],
      ],
    });
    const [output, h, c] = await run(topology, weights, { x: ramp(4, 3) });
    expect(h!.values).toEqual(output!.values);
    expect(c!.values).not.toEqual(h!.values);
  });

  test('the mean over steps under a mask, by who wrote the file', async () => {
    const layers = [masking, layer('GlobalAveragePooling1D')];
    const values = async (version: string): Promise<number[]> =>
      (await outputOf(layers, [steps(2, 4, 9)], [], version)).values;
    expect(await values('2.15.0')).toBeClose([3], { rtol: 1e-6 });
    // The masked step is 0 then.
    expect(await values('tfjs-layers 4.22.0')).toBeClose([2], { rtol: 1e-6 });
  });

  test('masks of joined sequences', async () => {
    const join = (axis: number): LayerJson[] => [
      { ...masking, inbound: [[['x', 0, 0, {}]]] },
      {
        ...layer('Concatenate', { axis }),
        inbound: [
          [
            ['masking', 0, 0, {}],
            ['y', 0, 0, {}],
          ],
        ],
      },
      layer('GlobalAveragePooling1D'),
    ];
    const inputs = [steps(9, 2), steps(4, 6)];
    // Along the steps: 2, 4 and 6 count. Along the features: the first step of both does not.
    expect((await outputOf(join(1), inputs)).values).toBeClose([4], { rtol: 1e-6 });
    expect((await outputOf(join(-1), inputs)).values).toBeClose([2, 6], { rtol: 1e-6 });
  });
});

describe('attention', () => {
  const softmax = (scores: Live): Live => tf.softmax(scores);

  test('Attention with a scale, and causal', async () => {
    const [q, v, k] = [ramp(3, 2), ramp(4, 2), [[4, 2], ramp(4, 2)[1].map((value) => 1 - value)] as Input];
    const scale: WeightOf = ['attention/scale', [], [1.5]];
    await expectOps([layer('Attention', { use_scale: true })], [q, v, k], [scale], (a, b, c) =>
      tf.matMul(softmax(tf.mul(tf.matMul(a, c, false, true), 1.5)), b),
    );
    // The first step sees the first value only.
    const causal = await outputOf([layer('Attention', { causal: true })], [ramp(3, 2), ramp(3, 2)]);
    expect(causal.values.slice(0, 2)).toBeClose(ramp(3, 2)[1].slice(0, 2), { rtol: 1e-6 });
  });

  test('MultiHeadAttention', async () => {
    const name = 'multiheadattention';
    const weights = [
      ...['query', 'key', 'value'].flatMap((part, i) => [
        weightOf(`${name}/${part}/kernel`, 4, 2, 3),
        [`${name}/${part}/bias`, [2, 3], [0.1, -0.2, 0.3 * i, 0, 0.2, 0.1]] as WeightOf,
      ]),
      weightOf(`${name}/attention_output/kernel`, 2, 3, 5),
      weightOf(`${name}/attention_output/bias`, 5),
    ];
    const of = (part: string): [Live, Live] => {
      const [kernel, bias] = weights.filter(([path]) => path.includes(part)).map(tensorOf);
      return [kernel!, bias!];
    };
    await expectOps(
      [layer('MultiHeadAttention', { num_heads: 2, key_dim: 3 })],
      [ramp(3, 4), ramp(2, 4)],
      weights,
      (x, y) => {
        const project = (t: Live, part: string): Live =>
          tf.add(tf.einsum('btd,dhk->bthk', t, of(part)[0]), of(part)[1]);
        const scores = tf.einsum('bqhk,bvhk->bhqv', project(x, 'query'), project(y, 'key'));
        const attended = tf.einsum('bhqv,bvhk->bqhk', softmax(tf.div(scores, Math.sqrt(3))), project(y, 'value'));
        return tf.add(tf.einsum('bqhk,hkd->bqd', attended, of('attention_output')[0]), of('attention_output')[1]);
      },
    );
  });

  test('what is masked is not looked at', async () => {
    // The second of two values counts only: every query gets it.
    const layers = [
      { ...layer('Masking', { mask_value: 9 }), inbound: [[['y', 0, 0, {}]]] },
      {
        ...layer('Attention'),
        inbound: [
          [
            ['x', 0, 0, {}],
            ['masking', 0, 0, {}],
          ],
        ],
      },
    ];
    const result = await outputOf(layers, [
      [
        [2, 1],
        [1, -1],
      ],
      [
        [2, 1],
        [9, 3],
      ],
    ]);
    expect(result.values).toBeClose([3, 3], { rtol: 1e-6 });
  });

  test('EinsumDense', async () => {
    const [kernel, bias] = [weightOf('einsumdense/kernel', 4, 2, 3), weightOf('einsumdense/bias', 2, 3)];
    const config = { equation: 'abc,cde->abde', bias_axes: 'de', activation: 'tanh' };
    await expectOps([layer('EinsumDense', config)], [ramp(3, 4)], [kernel, bias], (x) =>
      tf.tanh(tf.add(tf.einsum('abc,cde->abde', x, tensorOf(kernel)), tensorOf(bias))),
    );
  });
});

test('mixed precision is computed in full, with a warning', async () => {
  const dtype = { class_name: 'DTypePolicy', config: { name: 'mixed_float16' } };
  const source = await read(functional({ x: [2] }, [layer('ReLU', { dtype })], { version: '3.4.1' }));
  source.graph({});
  expect(source.warnings).toMatchInlineSnapshot(`
    [
      {
        "code": "precision",
        "message": "layer "relu" was trained with mixed_float16; it is computed in full precision",
      },
    ]
  `);
});

test('old names of layers', async () => {
  const old = layer('CuDNNGRU', { name: 'gru', reset_after: true });
  const weights = [...recurrent(2, 3, 3, 'gru').slice(0, 2), weightOf('gru/bias', 12)];
  const today = layer('GRU', { name: 'gru', reset_after: true });
  const rows: WeightOf = ['gru/bias', [2, 6], weights[2]![2]];
  expect(await outputOf([old], [ramp(4, 3)], weights)).toEqual(
    await outputOf([today], [ramp(4, 3)], [...weights.slice(0, 2), rows]),
  );
});
