import { describe, expect, test } from 'vitest';
import { float32, float64, int64, type Tensor } from '@pathwise/model';
import { counting, modelFile, node, tensorDraft, value, type AttributeValue } from '../../test/encode.ts';
import { runFile } from '../../test/run.ts';
import { readOnnx } from '../index.ts';

interface Case {
  readonly op: string;
  readonly opset: number;
  readonly x: Tensor;
  readonly attrs?: Readonly<Record<string, AttributeValue>>;
  /** Further inputs, constant. */
  readonly more?: readonly Tensor[];
  readonly outputs?: number;
  readonly domain?: string;
}

function fileOf({ op, opset, x, attrs = {}, more = [], outputs = 1, domain = '' }: Case): Uint8Array {
  const constants = more.map((t, i) => tensorDraft(`c${i}`, t));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return modelFile({
    opset,
    domains: domain === '' ? {} : { [domain]: 1 },
    inputs: [value('x', x.shape)],
    initializers: constants,
    nodes: [node(op, ['x', ...more.map((_, i) => `c${i}`)], names, attrs, { domain })],
    outputs: names.map((name) => value(name, null)),
  });
}

/** The output numbers of one old node. */
async function run(test: Case): Promise<number[]> {
  const outputs = await runFile(fileOf(test), { x: test.x });
  return Array.from(outputs['y0']!.data, Number);
}

const shapeOf = (test: Case): readonly number[] | undefined =>
  readOnnx(fileOf(test), { batched: false }).graph({}).types.get('y0')?.shape;

// Expected numbers follow from the definitions in ONNX's Changelog.md of each version.
describe('attributes that became inputs', () => {
  const x = counting([2, 3]);
  test.each<[string, Case, readonly number[]]>([
    ['Squeeze-11', { op: 'Squeeze', opset: 11, x: counting([2, 1, 3]), attrs: { axes: [1] } }, [2, 3]],
    ['Unsqueeze-11', { op: 'Unsqueeze', opset: 11, x, attrs: { axes: [0, 3] } }, [1, 2, 3, 1]],
    ['Reshape-1', { op: 'Reshape', opset: 1, x, attrs: { shape: [3, -1], consumed_inputs: [0] } }, [3, 2]],
    ['Concat-1', { op: 'Concat', opset: 1, x, more: [counting([2, 1])] }, [2, 4]],
    ['Tile-1', { op: 'Tile', opset: 1, x, more: [float32([], [3]), float32([], [1])] }, [2, 9]],
    ['Pad-1', { op: 'Pad', opset: 1, x, attrs: { paddings: [0, 1, 0, 2] } }, [2, 6]],
  ])('%s', (_, testCase, shape) => {
    expect(shapeOf(testCase)).toEqual(shape);
  });

  test.each<[string, Case, readonly number[]]>([
    ['ReduceSum-11', { op: 'ReduceSum', opset: 11, x, attrs: { axes: [1], keepdims: 0 } }, [3, 12]],
    ['ReduceMean-13', { op: 'ReduceMean', opset: 13, x, attrs: { axes: [0] } }, [1.5, 2.5, 3.5]],
    ['ReduceMax-13 of all', { op: 'ReduceMax', opset: 13, x }, [5]],
    ['Slice-1', { op: 'Slice', opset: 1, x, attrs: { starts: [1], ends: [3], axes: [1] } }, [1, 2, 4, 5]],
    ['Slice-1 without axes', { op: 'Slice', opset: 1, x, attrs: { starts: [1], ends: [9] } }, [3, 4, 5]],
    [
      'Pad-2',
      { op: 'Pad', opset: 2, x: counting([1, 2]), attrs: { pads: [0, 1, 0, 0], value: { float: 7 } } },
      [7, 0, 1],
    ],
    ['Clip-6', { op: 'Clip', opset: 6, x, attrs: { min: { float: 1 }, max: { float: 3 } } }, [1, 1, 2, 3, 3, 3]],
    ['Clip-6 from above', { op: 'Clip', opset: 6, x, attrs: { max: { float: 2 } } }, [0, 1, 2, 2, 2, 2]],
    ['TopK-1', { op: 'TopK', opset: 9, x, attrs: { k: 2 }, outputs: 2 }, [2, 1, 5, 4]],
    [
      'Split-2 in given parts',
      { op: 'Split', opset: 2, x, attrs: { axis: 1, split: [2, 1] }, outputs: 2 },
      [0, 1, 3, 4],
    ],
    ['Split-2 in equal parts', { op: 'Split', opset: 2, x, attrs: { axis: 0 }, outputs: 2 }, [0, 1, 2]],
    ['Split-13 in equal parts', { op: 'Split', opset: 13, x, attrs: { axis: 0 }, outputs: 2 }, [0, 1, 2]],
    [
      'Upsample-7',
      { op: 'Upsample', opset: 7, x: counting([1, 1, 1, 2]), attrs: { scales: { floats: [1, 1, 1, 2] } } },
      [0, 0, 1, 1],
    ],
    [
      'Upsample-9',
      {
        op: 'Upsample',
        opset: 9,
        x: counting([1, 1, 1, 2]),
        more: [float32([4], [1, 1, 1, 2])],
        attrs: { mode: 'linear' },
      },
      [0, 0.5, 1, 1],
    ],
    ['Resize-10', { op: 'Resize', opset: 10, x: counting([1, 1, 1, 4]), more: [float32([4], [1, 1, 1, 0.5])] }, [0, 2]],
  ])('%s', async (_, testCase, expected) => {
    expect(await run(testCase)).toBeClose(expected);
  });
});

describe('changed meaning', () => {
  // Before opset 13 the axes from `axis` on are one.
  test('Softmax-11 over the last two axes', async () => {
    const y = await run({ op: 'Softmax', opset: 11, x: float32([1, 2, 2], [0, 0, 0, Math.log(3)]) });
    expect(y).toBeClose([1 / 6, 1 / 6, 1 / 6, 1 / 2], { rtol: 1e-6 });
    const today = await run({ op: 'Softmax', opset: 13, x: float32([1, 2, 2], [0, 0, 0, Math.log(3)]) });
    expect(today).toBeClose([1 / 2, 1 / 2, 1 / 4, 3 / 4], { rtol: 1e-6 });
  });

  test('Softmax-11 over the last axis stays one node', () => {
    const bytes = fileOf({ op: 'Softmax', opset: 11, x: counting([1, 4]) });
    expect(
      readOnnx(bytes)
        .graph({})
        .nodes.map(({ op }) => op),
    ).toEqual(['Softmax']);
  });

  test('Hardmax-11 chooses one of all', async () => {
    expect(await run({ op: 'Hardmax', opset: 11, x: float32([1, 2, 2], [1, 2, 4, 3]) })).toEqual([0, 0, 1, 0]);
  });

  test.each(['Add', 'Mul', 'Sub'])('%s-6 broadcasts from an axis', async (op) => {
    const attrs = { broadcast: 1, axis: 0 };
    const y = await run({ op, opset: 6, x: counting([2, 3]), more: [float32([2], [10, 20])], attrs });
    const expected: Record<string, readonly number[]> = {
      Add: [10, 11, 12, 23, 24, 25],
      Mul: [0, 10, 20, 60, 80, 100],
      Sub: [-10, -9, -8, -17, -16, -15],
    };
    expect(y).toBeClose(expected[op]!);
    await expect(run({ op, opset: 6, x: counting([3]), more: [counting([2, 2])], attrs })).rejects.toThrow(
      'leaves no room',
    );
  });

  test('PRelu-6 has one slope a channel', async () => {
    const y = await run({
      op: 'PRelu',
      opset: 6,
      x: float32([1, 2, 2], [-1, 1, -1, -2]),
      more: [float32([2], [2, 10])],
    });
    expect(y).toBeClose([-2, 1, -10, -20]);
  });

  test('Gemm-6 says that it broadcasts', async () => {
    const more = [float32([2, 1], [3, 4]), float32([1], [100])];
    expect(await run({ op: 'Gemm', opset: 6, x: counting([1, 2]), more, attrs: { broadcast: 1 } })).toBeClose([104]);
  });

  test('BatchNormalization-7 keeps its training outputs only if they are read', async () => {
    const more = [[2], [1], [3], [4]].map((v) => float32([1], v));
    const batchNorm = {
      op: 'BatchNormalization',
      x: float32([1, 1, 2], [3, 5]),
      more,
      attrs: { epsilon: { float: 0 } },
    };
    // (x - 3) / sqrt(4) * 2 + 1
    expect(await run({ ...batchNorm, opset: 7 })).toBeClose([1, 3]);
    expect(
      await run({
        ...batchNorm,
        opset: 6,
        attrs: { ...batchNorm.attrs, is_test: 1, spatial: 1, momentum: { float: 0.9 } },
      }),
    ).toBeClose([1, 3]);
    await expect(run({ ...batchNorm, opset: 7, outputs: 3 })).rejects.toThrow('training outputs');
    await expect(run({ ...batchNorm, opset: 7, attrs: { spatial: 0 } })).rejects.toThrow('spatial = 0');
  });

  test('GroupNormalization-18 has a factor a group', async () => {
    const more = [float32([2], [1, 10]), float32([2], [0, 5])];
    const x = float32([1, 4, 1], [-1, 1, -1, 1]);
    const group = { op: 'GroupNormalization', opset: 18, more, attrs: { num_groups: 2, epsilon: { float: 0 } } };
    expect(await run({ ...group, x })).toBeClose([-1, 1, -5, 15]);
    // Three channels a group: sqrt(3/2) apart.
    const root = Math.sqrt(1.5);
    const y = await run({ ...group, x: float32([1, 6, 1], [-1, 0, 1, -1, 0, 1]) });
    expect(y).toBeClose([-root, 0, root, 5 - 10 * root, 5, 5 + 10 * root]);
  });

  test('Dropout of inference is the identity, whatever its rate', async () => {
    const x = counting([2, 2]);
    expect(await run({ op: 'Dropout', opset: 10, x, attrs: { ratio: { float: 0.9 } } })).toBeClose([0, 1, 2, 3]);
    expect(await run({ op: 'Dropout', opset: 6, x, attrs: { ratio: { float: 0.9 }, is_test: 1 } })).toBeClose([
      0, 1, 2, 3,
    ]);
    const outputs = await runFile(fileOf({ op: 'Dropout', opset: 7, x, outputs: 2 }), { x });
    expect(outputs['y1']).toMatchObject({ dtype: 'float32', shape: [2, 2] });
    expect(outputs['y1']!.data).toBeClose([1, 1, 1, 1]);
  });

  test('Cast-1 names the type by a word', () => {
    const bytes = fileOf({ op: 'Cast', opset: 1, x: counting([2]), attrs: { to: 'INT32' } });
    expect(readOnnx(bytes, { batched: false }).graph({}).types.get('y0')?.dtype).toBe('int32');
    expect(() => readOnnx(fileOf({ op: 'Cast', opset: 1, x: counting([2]), attrs: { to: 'WORD' } })).graph({})).toThrow(
      'type -1 is not supported',
    );
  });

  // Affine, so that the affine prefix and exact mode see through it.
  test('CastLike is a Cast to a type that is known', () => {
    const bytes = fileOf({ op: 'CastLike', opset: 21, x: counting([2]), more: [float64([], [0])] });
    const [cast] = readOnnx(bytes, { batched: false }).graph({}).nodes;
    expect([cast?.op, cast?.attrs]).toEqual(['Cast', { to: 'float64' }]);
  });

  test('Cast to float16 stays float32', () => {
    const bytes = fileOf({ op: 'Cast', opset: 21, x: counting([2]), attrs: { to: 10, saturate: 1 } });
    expect(readOnnx(bytes, { batched: false }).graph({}).types.get('y0')?.dtype).toBe('float32');
  });

  test('Scatter is ScatterElements', async () => {
    const more = [int64([1], [1]), float32([1], [9])];
    expect(await run({ op: 'Scatter', opset: 9, x: counting([3]), more })).toBeClose([0, 9, 2]);
  });

  test('Selu-1 has shorter constants, LpPool-1 a float exponent, GRU-3 a forgotten attribute', async () => {
    expect(await run({ op: 'Selu', opset: 1, x: float32([1], [1]) })).toBeClose([1.0507]);
    expect(await run({ op: 'Selu', opset: 6, x: float32([1], [1]) })).toBeClose([1.0507009873554805], { rtol: 1e-6 });
    const lp = { op: 'LpPool', opset: 1, x: float32([1, 1, 2], [3, 4]), attrs: { p: { float: 2 } } };
    expect(await run(lp)).toBeClose([5]);
    const more = [counting([1, 3, 1]), counting([1, 3, 1])];
    const gru = { op: 'GRU', opset: 3, x: counting([2, 1, 1]), more, attrs: { hidden_size: 1, output_sequence: 1 } };
    expect(shapeOf(gru)).toEqual([2, 1, 1, 1]);
  });

  test("GridSample's modes lost a syllable", async () => {
    const more = [float32([1, 1, 1, 2], [0, 0])];
    const grid = { op: 'GridSample', opset: 16, x: float32([1, 1, 2, 2], [1, 2, 3, 4]), more };
    expect(await run({ ...grid, attrs: { mode: 'bilinear' } })).toBeClose([2.5]);
  });

  test('Constant in all its forms', async () => {
    const forms: [Record<string, AttributeValue>, number][] = [
      [{ value_float: { float: 1.5 } }, 1.5],
      [{ value_floats: { floats: [1.5] } }, 1.5],
      [{ value: { tensor: tensorDraft('', float32([1], [1.5])) } }, 1.5],
    ];
    for (const [attrs, expected] of forms) {
      const nodes = [node('Constant', [], ['c'], attrs), node('Mul', ['x', 'c'], ['y'])];
      const bytes = modelFile({ inputs: [value('x', [1])], nodes, outputs: [value('y', null)] });
      expect((await runFile(bytes, { x: float32([1], [1]) }))['y']!.data).toBeClose([expected]);
    }
    for (const attrs of [{ value_int: 3 }, { value_ints: [3] }]) {
      const nodes = [node('Constant', [], ['c'], attrs)];
      const graph = readOnnx(modelFile({ inputs: [value('x', [1])], nodes, outputs: [value('c', null)] })).graph({});
      expect(graph.constants.get('c')?.data).toEqual(BigInt64Array.of(3n));
    }
    const strings = modelFile({
      nodes: [node('Constant', [], ['c'], { value_string: 'a' })],
      outputs: [value('c', null)],
    });
    expect(() => readOnnx(strings).graph({})).toThrow('attribute value_string of this kind is not supported');
  });
});

// Expected: the formulas in ContribOperators.md of ONNX Runtime.
describe('com.microsoft', () => {
  const domain = 'com.microsoft';
  const x = float32([1, 2], [1, -2]);
  const gelu = (v: number): number => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
  // erf(1 / sqrt 2), erf(2 / sqrt 2): probabilities within one and two standard deviations.
  const [one, two] = [0.6826894921370859, 0.9544997361036416];
  const exact = [0.5 * (1 + one), -1 * (1 - two)];

  test.each<[string, Case, readonly number[]]>([
    ['Gelu', { op: 'Gelu', opset: 17, domain, x }, exact],
    [
      'BiasGelu',
      { op: 'BiasGelu', opset: 17, domain, x: float32([1, 2], [0, 0]), more: [float32([2], [1, -2])] },
      exact,
    ],
    ['FastGelu', { op: 'FastGelu', opset: 17, domain, x }, [gelu(1), gelu(-2)]],
    ['FastGelu with bias', { op: 'FastGelu', opset: 17, domain, x, more: [float32([2], [1, 1])] }, [gelu(2), gelu(-1)]],
    [
      'QuickGelu',
      { op: 'QuickGelu', opset: 17, domain, x, attrs: { alpha: { float: 2 } } },
      [1 / (1 + Math.exp(-2)), -2 / (1 + Math.exp(4))],
    ],
    [
      'QuickGelu by default',
      { op: 'QuickGelu', opset: 17, domain, x },
      [1 / (1 + Math.exp(-1.702)), -2 / (1 + Math.exp(3.404))],
    ],
    [
      'FusedMatMul',
      {
        op: 'FusedMatMul',
        opset: 17,
        domain,
        x,
        more: [float32([1, 2], [3, 4])],
        attrs: { transB: 1, alpha: { float: 0.5 } },
      },
      [-2.5],
    ],
    [
      'TransposeMatMul',
      { op: 'TransposeMatMul', opset: 17, domain, x, more: [float32([1, 1], [3])], attrs: { transA: 1 } },
      [3, -6],
    ],
    [
      'FusedGemm',
      { op: 'FusedGemm', opset: 17, domain, x, more: [float32([2, 2], [1, 2, 3, 4])], attrs: { activation: 'Relu' } },
      [0, 0],
    ],
    [
      'FusedGemm LeakyRelu',
      {
        op: 'FusedGemm',
        opset: 17,
        domain,
        x,
        more: [float32([2, 1], [1, 1])],
        attrs: { activation: 'LeakyRelu', activation_alpha: { float: 0.5 } },
      },
      [-0.5],
    ],
    [
      'BiasSoftmax',
      {
        op: 'BiasSoftmax',
        opset: 17,
        domain,
        x: float32([1, 2], [0, 0]),
        more: [float32([1, 2], [0, Math.log(3)])],
        attrs: { axis: 1 },
      },
      [0.25, 0.75],
    ],
  ])('%s', async (_, testCase, expected) => {
    expect(await run(testCase)).toBeClose(expected, { rtol: 1e-6, atol: 1e-7 });
  });

  test('FusedConv clips', async () => {
    const attrs = { activation: 'Clip', activation_params: { floats: [0, 2] } };
    const conv = {
      op: 'FusedConv',
      opset: 17,
      domain,
      x: float32([1, 1, 3], [-1, 1, 5]),
      more: [float32([1, 1, 1], [1])],
      attrs,
    };
    expect(await run(conv)).toBeClose([0, 1, 2]);
  });

  test('SkipLayerNormalization also gives the sum', async () => {
    const more = [float32([1, 2], [1, 1]), float32([2], [1, 1]), float32([2], [0, 5]), float32([2], [1, 0])];
    const skip = { op: 'SkipLayerNormalization', opset: 17, domain, x: float32([1, 2], [0, 2]), more, outputs: 4 };
    const bytes = modelFile({
      domains: { [domain]: 1 },
      inputs: [value('x', [1, 2])],
      initializers: more.map((t, i) => tensorDraft(`c${i}`, t)),
      nodes: [node(skip.op, ['x', 'c0', 'c1', 'c2', 'c3'], ['y', '', '', 'sum'], {}, { domain })],
      outputs: [value('y', null), value('sum', null)],
    });
    const outputs = await runFile(bytes, { x: skip.x });
    // [0, 2] + [1, 1] + [1, 0] = [2, 3], normalized [-1, 1], + [0, 5].
    expect(outputs['sum']!.data).toBeClose([2, 3]);
    expect(outputs['y']!.data).toBeClose([-1, 6], { rtol: 1e-6 });
    expect(() => readOnnx(fileOf(skip)).graph({})).toThrow('mean and inv_std_var');
  });

  test('SkipSimplifiedLayerNormalization and SimplifiedLayerNormalization scale by the root mean square', async () => {
    const more = [float32([1, 2], [2, 5]), float32([2], [1, 2])];
    // [3, 4] / sqrt(12.5)
    const expected = [3 / Math.sqrt(12.5), 8 / Math.sqrt(12.5)];
    const x = float32([1, 2], [1, -1]);
    expect(await run({ op: 'SkipSimplifiedLayerNormalization', opset: 17, domain, x, more })).toBeClose(expected, {
      rtol: 1e-6,
    });
    const plain = {
      op: 'SimplifiedLayerNormalization',
      opset: 17,
      x: float32([1, 2], [3, 4]),
      more: [float32([2], [1, 2])],
    };
    expect(await run({ ...plain, attrs: { epsilon: { float: 0 } } })).toBeClose(expected, { rtol: 1e-6 });
  });

  test('others are refused', async () => {
    await expect(run({ op: 'MatMulNBits', opset: 17, domain, x })).rejects.toThrow(
      'node "MatMulNBits:y0" (MatMulNBits): this op of com.microsoft is not supported',
    );
  });
});
