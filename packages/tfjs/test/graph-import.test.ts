import { describe, expect, test } from 'vitest';
import { float32, type Objective } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { readTfjs, type TfjsArtifacts } from '../src/index.ts';
import { tf } from './tfjs.ts';
import { b, is, s, type, WrittenGraph } from './written-graph.ts';

const problem = async (g: WrittenGraph): Promise<unknown> =>
  g
    .source()
    .then((source) => source.graph({}))
    .then(
      () => 'none',
      (error: unknown) => error,
    );

const one = { strides: is(1, 1, 1, 1), dilations: is(1, 1, 1, 1), padding: s('SAME'), data_format: s('NHWC') };

describe('names', () => {
  test('keys of the signature are inputs and outputs; nodes keep their names', async () => {
    const g = new WrittenGraph();
    g.input('serving_default_x', [null, 3]);
    g.node('Relu', ['serving_default_x'], {}, 'hidden');
    g.node('Neg', ['hidden'], {}, 'StatefulPartitionedCall');
    g.inputs['x:0'] = { ...(g.inputs['serving_default_x'] as object) };
    delete g.inputs['serving_default_x'];
    g.output('y', 'StatefulPartitionedCall');
    const source = await g.source();
    expect(source.inputs).toEqual([{ name: 'x:0', dtype: 'float32', batched: true, shape: ['batch', 3] }]);
    expect(source.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['batch', 3] }]);
    expect([...source.graph({}).types.keys()]).toEqual([
      'x:0',
      'serving_default_x',
      'hidden',
      'StatefulPartitionedCall',
      'y',
    ]);
  });

  test('an image that goes out is as written under its key, and channels first beside it', async () => {
    const g = new WrittenGraph();
    const kernel = g.constant([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
    g.node('Conv2D', [g.input('x', [null, 4, 5, 2]), kernel], one, 'mask');
    g.output('mask', 'mask');
    const source = await g.source();
    const graph = source.graph({});
    expect(graph.types.get('mask')?.shape).toEqual([1, 4, 5, 3]);
    expect(graph.types.get('mask/channels_first')?.shape).toEqual([1, 3, 4, 5]);
  });

  test('a node called like an input or output that it is not gives way', async () => {
    const g = new WrittenGraph();
    g.node('Neg', [g.input('x', [null, 2])], {}, 'y');
    g.node('Exp', ['y'], {}, 'last');
    g.output('y', 'last');
    g.inputs['last'] = g.inputs['x']!;
    delete g.inputs['x'];
    const source = await g.source();
    const { y } = await graphModel(source, referenceEngine).forward({ last: float32([1, 2], [0, 1]) });
    expect(y?.data).toBeClose([1, Math.exp(-1)]);
    expect([...source.graph({}).types.keys()]).toEqual(['last', 'x', 'y_0', 'last_0', 'y']);
  });

  test('without a signature: placeholders and what nobody reads', async () => {
    const g = new WrittenGraph();
    g.node('Tanh', [g.node('Relu', [g.input('x', [null, 2])])], {}, 'last');
    const { signature: _, ...rest } = g.artifacts();
    const source = await readTfjs(rest as TfjsArtifacts);
    expect([source.inputs[0]?.name, source.outputs[0]?.name]).toEqual(['x', 'last']);
  });

  test('names that objects have anyway are names like others', async () => {
    const g = new WrittenGraph();
    g.node('Neg', [g.input('__proto__x', [null, 1])], {}, 'constructor');
    g.node('Exp', ['constructor'], {}, '__proto__');
    g.outputs['toString'] = { name: '__proto__:0' };
    const model = graphModel(await g.source(), referenceEngine);
    expect((await model.forward({ __proto__x: float32([1, 1], [0]) }))['toString']?.data).toBeClose([1]);
  });
});

describe('what is refused', () => {
  test('an unknown op, and everything else that is unknown, by name', async () => {
    const g = new WrittenGraph();
    const x = g.input('x', [null, 2]);
    g.node('FFT', [g.node('NonMaxSuppressionV5', [x], {}, 'boxes')], {}, 'spectrum');
    g.node('Neg', ['spectrum'], {}, 'last');
    g.output('y', 'last');
    expect(await problem(g)).toMatchInlineSnapshot(
      `[PathwiseError: test: node "boxes" (NonMaxSuppressionV5): this op is not supported]`,
    );
    const blockers = (await g.source()).blockers({});
    expect(blockers.map(({ node, op }) => [node, op])).toEqual([
      ['boxes', 'NonMaxSuppressionV5'],
      ['spectrum', 'FFT'],
    ]);
  });

  test.each(['StatelessWhile', 'TensorListStack', 'Switch', 'If'])('control flow: %s', async (op) => {
    const g = new WrittenGraph();
    g.output('y', g.node(op, [g.input('x', [null, 2])], {}, 'loop'));
    expect((await problem(g)) as Error).toMatchObject({
      code: 'UNSUPPORTED_OP',
      message: expect.stringContaining(`"loop" (${op}): this op is not supported. Control flow`),
    });
  });

  test.each<[string, (g: WrittenGraph, x: string) => string, string, string]>([
    [
      'a padding that does not exist',
      (g, x) => g.node('MaxPool', [x], { ...one, ksize: is(1, 2, 2, 1), padding: s('FULL') }),
      'UNSUPPORTED_OP',
      'attribute padding = "FULL" is not supported; supported: SAME, VALID, EXPLICIT',
    ],
    [
      'strides over channels',
      (g, x) => g.node('MaxPool', [x], { ...one, ksize: is(1, 2, 2, 1), strides: is(1, 1, 1, 2) }),
      'UNSUPPORTED_OP',
      'for attribute strides, 1 for batch and channels, got [1,1,1,2]',
    ],
    [
      'a fused op that is not known',
      (g, x) =>
        g.node('_FusedConv2D', [x, g.constant([1, 1, 3, 1], [1, 1, 1])], {
          ...one,
          fused_ops: { list: { s: [btoa('FusedBatchNorm')] } },
        }),
      'UNSUPPORTED_OP',
      'fused_ops [FusedBatchNorm] are not supported',
    ],
    [
      'a normalization that trains',
      (g, x) => {
        const v = g.constant([3], [1, 1, 1]);
        return g.node('FusedBatchNormV3', [x, v, v, v, v], { is_training: b(true) });
      },
      'UNSUPPORTED_OP',
      'is_training = true is not supported',
    ],
    [
      'a shape that depends on the input',
      (g, x) =>
        g.node('Reshape', [x, g.node('Cast', [g.node('Mean', [x, g.ints(0, 1, 2, 3)])], { DstT: type('int32') })]),
      'UNSUPPORTED_OP',
      'input 1 (the shape) must be constant',
    ],
    ['an input that no node is', (g) => g.node('Neg', ['nobody']), 'BAD_FILE', 'reads "nobody", which no node is'],
    ['too few inputs', (g, x) => g.node('Mul', [x]), 'BAD_FILE', 'expected at least 2 inputs, got 1'],
    [
      'a second output that is not made',
      (g, x) => g.node('Neg', [`${g.node('MaxPoolWithArgmax', [x], { ...one, ksize: is(1, 2, 2, 1) }, 'pool')}:1`]),
      'UNSUPPORTED_OP',
      'output 1 of node "pool"',
    ],
    ['a constant without a weight', (g) => g.node('Const', [], {}, 'lost'), 'BAD_FILE', 'no weight "lost"'],
    [
      'an attribute of the wrong kind',
      (g, x) => g.node('Pack', [x], { axis: { i: 'one' } }),
      'BAD_FILE',
      'expected a whole number for attribute axis, got "one"',
    ],
    ['strings', (g, x) => g.node('Cast', [x], { DstT: { type: 'DT_STRING' } }), 'UNSUPPORTED_OP', '"DT_STRING"'],
    [
      'a mirror wider than the image',
      (g, x) => g.node('MirrorPad', [x, g.constant([4, 2], [0, 0, 9, 0, 0, 0, 0, 0], 'int32')], { mode: s('REFLECT') }),
      'BAD_SHAPE',
      'cannot be mirrored by 9 and 0',
    ],
    [
      'places outside of an axis',
      (g, x) => g.node('GatherV2', [x, g.ints(3), g.int(3)]),
      'BAD_SHAPE',
      'index 3 lies outside',
    ],
  ])('%s', async (_, write, code, message) => {
    const g = new WrittenGraph();
    g.output('y', write(g, g.input('x', [null, 4, 4, 3])));
    expect(await problem(g)).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  test('a circle of nodes', async () => {
    const g = new WrittenGraph();
    g.node('Add', [g.input('x', [null, 2]), 'later'], {}, 'early');
    g.output('y', g.node('Neg', ['early'], {}, 'later'));
    expect(await problem(g)).toMatchObject({ code: 'BAD_FILE', message: expect.stringContaining('depends on itself') });
  });

  test('two nodes of one name', async () => {
    const g = new WrittenGraph();
    const x = g.input('x', [null, 2]);
    g.node('Neg', [x], {}, 'twice');
    g.output('y', g.node('Exp', [x], {}, 'twice'));
    expect(await problem(g)).toMatchObject({
      code: 'BAD_FILE',
      message: expect.stringContaining('"twice" is given twice'),
    });
  });
});

test('a chain of 50,000 nodes is read without deep calls', async () => {
  const g = new WrittenGraph();
  let x = g.input('x', [null, 1]);
  for (let k = 0; k < 50_000; k++) x = g.node('Neg', [x]);
  g.output('y', x);
  expect((await g.source()).graph({}).nodes.length).toBe(50_001);
});

test('orders of execution are no inputs, and dead nodes are not looked at', async () => {
  const g = new WrittenGraph();
  const x = g.input('x', [null, 2]);
  g.node('Assert', [x], {}, 'check');
  g.node('FFT', [x], {}, 'unread');
  g.output('y', g.node('Neg', [x, '^check']));
  const { y } = await graphModel(await g.source(), referenceEngine).forward({ x: float32([1, 2], [1, 2]) });
  expect(y?.data).toBeClose([-1, -2]);
});

// f = x * stop(x) has the gradient x, not 2x; stop(x) alone has none.
test('StopGradient stops the gradient', async () => {
  const g = new WrittenGraph();
  const x = g.input('x', [null, 1]);
  g.output('y', g.node('Mul', [x, g.node('StopGradient', [x])]));
  const model = graphModel(await g.source(), referenceEngine);
  const objective: Objective = { tensor: 'y', rows: [{ kind: 'linear', weights: Float64Array.of(1) }] };
  const { values, gradients } = await model.gradient({ feeds: { x: float32([1, 1], [3]) }, objective, wrt: ['x'] });
  expect(values).toBeClose([9]);
  expect(gradients['x']?.data).toBeClose([3]);
});

// Where the divisor is 0 the quotient is 0 whatever the dividend is: so is its gradient, and it is no NaN.
test('the gradient of DivNoNan', async () => {
  const g = new WrittenGraph();
  g.output('y', g.node('DivNoNan', [g.input('x', [null, 2]), g.input('z', [null, 2])]));
  const model = graphModel(await g.source(), referenceEngine);
  const objective: Objective = { tensor: 'y', rows: [{ kind: 'linear', weights: Float64Array.of(1, 1) }] };
  const feeds = { x: float32([1, 2], [3, 3]), z: float32([1, 2], [0, 2]) };
  const { gradients } = await model.gradient({ feeds, objective, wrt: ['x', 'z'] });
  expect(gradients['x']?.data).toBeClose([0, 0.5]);
  expect(gradients['z']?.data).toBeClose([0, -0.75]);
});

describe('dilated convolutions in pieces', () => {
  /** A causal convolution over time: ExpandDims, convolution and Squeeze inside of SpaceToBatchND and BatchToSpaceND. */
  function causal(bias: (g: WrittenGraph, x: string) => string): WrittenGraph {
    const g = new WrittenGraph();
    const block = g.ints(3);
    // 10 steps and 6 in front make 16; 2 more behind make a multiple of 3.
    const apart = g.node('SpaceToBatchND', [g.input('x', [null, 10, 2]), block, g.constant([1, 2], [6, 2], 'int32')]);
    const kernel = g.constant(
      [1, 3, 2, 4],
      Array.from({ length: 24 }, (_, k) => Math.sin(k)),
    );
    const conv = g.node('Conv2D', [g.node('ExpandDims', [apart, g.int(1)]), kernel], { ...one, padding: s('VALID') });
    const inner = bias(g, g.node('Squeeze', [conv], { squeeze_dims: is(1) }));
    const joined = g.node('BatchToSpaceND', [inner, block, g.constant([1, 2], [0, 2], 'int32')]);
    g.output('y', joined);
    return g;
  }

  test.each<[string, (g: WrittenGraph, x: string) => string, boolean]>([
    [
      'bias and activation inside',
      (g, x) => g.node('Tanh', [g.node('BiasAdd', [x, g.constant([4], [1, -1, 2, 0])])]),
      true,
    ],
    ['nothing inside', (_, x) => x, true],
    ['a map of constants inside', (g, x) => g.node('Mul', [x, g.constant([4, 1], [1, 2, 3, 4])]), false],
  ])('%s', async (_, bias, isFused) => {
    const g = causal(bias);
    const source = await g.source();
    const graph = source.graph({});
    expect(graph.nodes.some(({ op }) => op === 'Pad')).toBe(!isFused);
    const x = float32(
      [2, 10, 2],
      Array.from({ length: 40 }, (_, k) => Math.cos(k)),
    );
    // TensorFlow.js joins the batch of both rows; ours are apart.
    for (const row of [0, 1]) {
      const data = (x.data as Float32Array).slice(20 * row, 20 * row + 20);
      const { y } = await graphModel(source, referenceEngine).forward({ x: { ...x, shape: [1, 10, 2], data } });
      const expected = (await g.tfjs()).execute({ x: tf.tensor(data, [1, 10, 2]) }) as ReturnType<typeof tf.tensor>;
      expect(y?.shape).toEqual(expected.shape);
      expect(y?.data).toBeClose(await expected.data(), { scale: 1e-5 });
    }
  });
});

describe('a live GraphModel', () => {
  const written = (): WrittenGraph => {
    const g = new WrittenGraph();
    const kernel = g.constant(
      [2, 2, 3, 4],
      Array.from({ length: 48 }, (_, k) => Math.sin(k)),
    );
    const conv = g.node('Conv2D', [g.input('x', [null, 4, 4, 3]), kernel], one);
    const flat = g.node('Reshape', [g.node('Relu', [conv]), g.ints(-1, 64)]);
    // An equation that tells capital from small letters.
    const weights = g.constant(
      [64, 2],
      Array.from({ length: 128 }, (_, k) => Math.cos(k)),
    );
    g.output('y', g.node('Einsum', [flat, weights], { equation: s('nA,Aa->na') }));
    return g;
  };
  const x = float32(
    [2, 4, 4, 3],
    Array.from({ length: 96 }, (_, k) => Math.sin(k / 3)),
  );

  test.each(['as loaded', 'without its file'])('gives what its file gives, %s', async (kind) => {
    const g = written();
    const live = await g.tfjs();
    if (kind === 'without its file') delete (live as unknown as { artifacts?: unknown }).artifacts;
    const source = await readTfjs(live as never);
    const [expected, got] = [
      await graphModel(await g.source(), referenceEngine).forward({ x }),
      await graphModel(source, referenceEngine).forward({ x }),
    ];
    expect(got['y']?.data).toBeClose(expected['y']?.data as Float64Array);
  });
});

test('where the channels of an input stand', async () => {
  const read = async (write: (g: WrittenGraph, x: string) => string): Promise<boolean | undefined> => {
    const g = new WrittenGraph();
    g.output('y', write(g, g.input('x', [null, 4, 4, 3])));
    return (await g.source()).inputs[0]?.channelsLast;
  };
  expect(await read((g, x) => g.node('Relu', [x]))).toBe(true);
  expect(await read((g, x) => g.node('BiasAdd', [x, x], { data_format: s('NCHW') }))).toBeUndefined();
  expect(await read((g, x) => g.node('Transpose', [x, g.ints(0, 2, 3, 1)]))).toBeUndefined();
});
