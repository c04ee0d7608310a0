import { describe, expect, test } from 'vitest';
import { float32, type Objective, type Tensor } from '@pathwise/model';
import { attribute } from '@pathwise/attribution';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { readTfjs, runLiveModel } from '../src/index.ts';
import { layers, tf } from './tfjs.ts';
import { b, is, s, WrittenGraph } from './written-graph.ts';

const random = (shape: readonly number[], seed = 3): Tensor => {
  const next = uniformFrom(seed);
  return float32(
    shape,
    Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => 2 * next() - 1),
  );
};

const first: Objective = { tensor: '', rows: [{ kind: 'linear', weights: Float64Array.of(1, 0) }] };

/** Gives every weight numbers of both signs. */
function fill(model: layers.LayersModel): layers.LayersModel {
  for (const [k, weight] of model.weights.entries()) {
    const shape = weight.shape as number[];
    weight.write(tf.tensor(random(shape, k + 1).data as Float32Array, shape));
  }
  return model;
}

function convolutional(): layers.LayersModel {
  const model = layers.sequential({
    layers: [
      layers.layers.conv2d({ inputShape: [6, 5, 2], filters: 3, kernelSize: 3, activation: 'relu' }),
      layers.layers.maxPooling2d({ poolSize: 2, padding: 'same' }),
      layers.layers.flatten(),
      layers.layers.dense({ units: 2, name: 'logits' }),
    ],
  });
  return fill(model);
}

/** A layer that no reader knows: x cubed. */
class Cube extends layers.layers.Layer {
  static readonly className: string = 'Cube';
  override computeOutputShape(shape: layers.Shape): layers.Shape {
    return shape;
  }
  override call(inputs: unknown): ReturnType<typeof tf.mul> {
    const [x] = [inputs].flat() as [ReturnType<typeof tf.mul>];
    return tf.mul(tf.mul(x, x), x);
  }
}

/** A layer whose gradient is wrong: twice what it should be. */
class Twice extends Cube {
  static override readonly className: string = 'Twice';
  override call(inputs: unknown): ReturnType<typeof tf.mul> {
    const [x] = [inputs].flat() as [ReturnType<typeof tf.mul>];
    return tf.customGrad((t) => ({ value: tf.clone(t as typeof x), gradFunc: (dy) => tf.mul(dy, 2) }))(x) as typeof x;
  }
}

const around = (layer: layers.layers.Layer): layers.LayersModel =>
  fill(
    layers.sequential({
      layers: [layers.layers.dense({ inputShape: [3], units: 4 }), layer, layers.layers.dense({ units: 2 })],
    }),
  );

describe('a LayersModel on TensorFlow.js', () => {
  test('gives what the reader gives, with many rows, and leaves nothing behind', async () => {
    const live = convolutional();
    const { name } = live.inputs[0]!.sourceLayer;
    const feeds = { [name]: random([37, 6, 5, 2]) };
    const ours = graphModel(await readTfjs(live as never), referenceEngine);
    const theirs = await runLiveModel(live as never, { tf });
    const output = theirs.outputs[0]!.name;
    expect(theirs.inputs).toEqual(ours.inputs);
    expect(theirs.outputs[0]?.shape).toEqual(['batch', 2]);
    const before = tf.memory().numTensors;
    const [a, c] = await Promise.all(
      [ours, theirs].map((model) =>
        model.gradient({ feeds, objective: { ...first, tensor: output }, wrt: [name], wanted: [output] }),
      ),
    );
    expect(c!.values).toBeClose(a!.values, { scale: 1e-5 });
    expect(c!.gradients[name]?.shape).toEqual([37, 6, 5, 2]);
    expect(c!.gradients[name]?.data).toBeClose(a!.gradients[name]!.data as Float64Array, { scale: 1e-4 });
    expect(c!.tensors[output]?.data).toBeClose(a!.tensors[output]!.data as Float64Array, { scale: 1e-5 });
    const pulled = await theirs.pullback({ feeds, cotangents: { [output]: float32([1, 2], [1, 0]) }, wrt: [name] });
    expect(pulled[name]?.data).toBeClose(a!.gradients[name]!.data as Float64Array, { scale: 1e-4 });
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.getBackend()).toBe('cpu');
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
  });

  // Integrated Gradients of F = w . (A x + b)^3 from b's point on: complete by the fundamental theorem of calculus.
  test('explains custom layers', async () => {
    const model = await runLiveModel(around(new Cube()) as never, { tf });
    const inputs = { [model.inputs[0]!.name]: random([2, 3]) };
    const result = await attribute(model, 'integrated-gradients', { inputs, target: 1, steps: 30 });
    const change = result.outputAtInput.map((value, row) => value - (result.outputAtBaseline![row] as number));
    const sums = [0, 1].map((row) =>
      (Object.values(result.attributions)[0]!.data as Float64Array).slice(3 * row, 3 * row + 3).reduce((x, y) => x + y),
    );
    expect(sums).toBeClose(change, { scale: 1e-5 });
    expect(result.engine).toBe('tfjs');
  });

  test('a function of the output', async () => {
    const model = await runLiveModel(around(new Cube()) as never, { tf });
    const [input, output] = [model.inputs[0]!.name, model.outputs[0]!.name];
    const feeds = { [input]: random([1, 3]) };
    const [plain, squared] = await Promise.all([
      model.gradient({ feeds, objective: { tensor: output, rows: first.rows }, wrt: [input] }),
      model.gradient({
        feeds,
        objective: {
          tensor: output,
          rows: [{ kind: 'function', evaluate: ([y = 0]) => ({ value: y * y, gradient: [2 * y, 0] }) }],
        },
        wrt: [input],
      }),
    ]);
    const [y] = plain.values as unknown as [number];
    const expected = (plain.gradients[input]!.data as Float64Array).map((v) => 2 * y * v);
    expect(squared.gradients[input]?.data).toBeClose(expected, { scale: 1e-5 });
  });

  test('token ids are attributed at their embeddings', async () => {
    const live = fill(
      layers.sequential({
        layers: [
          layers.layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 4, name: 'table', maskZero: true }),
          layers.layers.simpleRNN({ units: 5, recurrentInitializer: 'glorotNormal', name: 'rnn' }),
          layers.layers.dense({ units: 2 }),
        ],
      }),
    );
    const theirs = await runLiveModel(live as never, { tf });
    const ours = graphModel(await readTfjs(live as never), referenceEngine);
    const [input] = theirs.inputs;
    expect(input).toMatchObject({ dtype: 'int32', attributedAt: 'table' });
    const ids: Tensor = { dtype: 'int32', shape: [2, 4], data: Int32Array.of(1, 6, 2, 0, 3, 3, 5, 1) };
    const before = tf.memory().numTensors;
    const results = [];
    for (const model of [ours, theirs]) {
      const { attributions } = await attribute(model, 'integrated-gradients', {
        inputs: { [input!.name]: ids },
        baseline: 'zeros',
        target: 0,
        steps: 4,
      });
      results.push(Object.values(attributions)[0]!);
    }
    expect(results[1]?.shape).toEqual([2, 4, 3]);
    expect(results[1]?.data).toBeClose(results[0]!.data as Float64Array, { scale: 1e-4 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a GraphModel on TensorFlow.js', () => {
  test('gives what the reader gives; the logits before a softmax can be had', async () => {
    const g = new WrittenGraph();
    const hidden = g.node('Tanh', [
      g.node('MatMul', [g.input('x', [null, 4]), g.constant([4, 3], random([12]).data as Float32Array)]),
    ]);
    g.node('MatMul', [hidden, g.constant([3, 2], random([6], 5).data as Float32Array)], {}, 'last');
    g.output('probabilities', g.node('Softmax', ['last']));
    const live = await g.tfjs();
    const theirs = await runLiveModel(live as never, { tf });
    const ours = graphModel(await g.source(), referenceEngine);
    expect(theirs.outputTensor(undefined, 'logit').tensor).toBe('last');
    expect(theirs.outputTensor(undefined, 'probability').tensor).toBe('probabilities');
    const inputs = { x: random([5, 4]) };
    const before = tf.memory().numTensors;
    for (const of of ['logit', 'probability'] as const) {
      const request = { inputs, target: 1, steps: 5, outputScale: of };
      const [a, c] = [
        await attribute(ours, 'integrated-gradients', request),
        await attribute(theirs, 'integrated-gradients', request),
      ];
      expect(c.attributions['x']?.data).toBeClose(a.attributions['x']!.data as Float64Array, { scale: 1e-4 });
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('what is refused', () => {
  const gradientOf = async (live: unknown): Promise<unknown> => {
    const model = await runLiveModel(live as never, { tf });
    const [input, output] = [model.inputs[0]!, model.outputs[0]!];
    const feeds = { [input.name]: random([1, ...(input.shape.slice(1) as number[])]) };
    const width = output.shape.slice(1).reduce<number>((n, d) => n * (d as number), 1);
    const rows = [{ kind: 'linear' as const, weights: new Float64Array(width).fill(1) }];
    const failure = await model.gradient({ feeds, objective: { tensor: output.name, rows }, wrt: [input.name] }).then(
      () => 'nothing',
      (error: unknown) => error,
    );
    expect(model.supports('gradient').ok).toBe(false);
    expect(model.supports('predict').ok).toBe(true);
    return failure;
  };

  /** One op on an image, as a graph model. */
  const graphOf = async (
    op: string,
    attr: object,
    constants: (g: WrittenGraph) => string[] = () => [],
  ): Promise<unknown> => {
    const g = new WrittenGraph();
    g.output('y', g.node(op, [g.input('x', [null, 4, 4, 2]), ...constants(g)], attr as never));
    return g.tfjs();
  };

  test('a gradient that differences contradict', async () => {
    expect(await gradientOf(around(new Twice()))).toMatchObject({
      code: 'UNSUPPORTED_OP',
      message: expect.stringMatching(
        /backend "cpu": its gradient is off by 0\.\d+ of its size from differences \(0\.01 is allowed\)/,
      ),
    });
  });

  // TensorFlow.js 4.22 on cpu: TFJS facts, section 8.2; the numbers there are 0.2 for half pixels.
  test('half-pixel resizing, found by differences', async () => {
    const attr = { half_pixel_centers: b(true), align_corners: b(false) };
    const failure = await gradientOf(await graphOf('ResizeBilinear', attr, (g) => [g.ints(7, 7)]));
    expect(failure).toMatchObject({ message: expect.stringContaining('from differences') });
  });

  test.each([
    [
      'AvgPool',
      { ksize: is(1, 2, 2, 1), strides: is(1, 1, 1, 1), padding: s('SAME') },
      "wrong at borders with padding 'same'",
      undefined,
    ],
    [
      'MirrorPad',
      { mode: s('REFLECT') },
      'leaves out what is mirrored',
      (g: WrittenGraph): string[] => [g.constant([4, 2], [0, 0, 1, 1, 1, 1, 0, 0], 'int32')],
    ],
  ])('%s by name', async (op, attr, reason, constants) => {
    expect(await gradientOf(await graphOf(op, attr, constants))).toMatchObject({
      code: 'UNSUPPORTED_OP',
      place: { op },
      message: expect.stringContaining(reason),
    });
  });

  test('an op without a gradient', async () => {
    const failure = await gradientOf(await graphOf('GatherNd', {}, (g) => [g.constant([1, 1], [0], 'int32')]));
    expect(failure).toMatchObject({
      code: 'UNSUPPORTED_OP',
      place: { op: 'GatherNd' },
      message: expect.stringContaining(
        'cannot be differentiated: Cannot compute gradient: gradient function not found for GatherNd',
      ),
    });
  });

  test('a fixed batch', async () => {
    const g = new WrittenGraph();
    g.output('y', g.node('Neg', [g.input('x', [3, 2])]));
    await expect(runLiveModel((await g.tfjs()) as never, { tf })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: engine "tfjs": input "x" of shape [3,2] has a fixed number of rows; only 1 or an open one is supported]`,
    );
  });

  test('something that is no library, and something that is no model', async () => {
    await expect(runLiveModel({} as never, { tf: {} })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: tfjs: expected the module @tensorflow/tfjs or @tensorflow/tfjs-core for option tf, got "no tensor()"]`,
    );
    await expect(runLiveModel({} as never, { tf })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: runLiveModel: expected a tf.LayersModel or tf.GraphModel for the model, got [object Object]]`,
    );
  });

  test('methods that look inside', async () => {
    const model = await runLiveModel(convolutional() as never, { tf });
    const inputs = { [model.inputs[0]!.name]: random([1, 6, 5, 2]) };
    await expect(
      attribute(model, 'layer-conductance', { inputs, target: 0, layer: 'x' }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: layer-conductance: node "model" (tfjs): the engine tfjs offers no "layers"; the engine wasm does]`,
    );
  });
});
