import type { DType } from '@pathwise/model';
import { b, f, i, is, s, ss, type, WrittenGraph } from './written-graph.ts';
import type { Json } from '../src/files/json.ts';

/** How an operand is made: sizes of a moving input behind its batch, or constant numbers. */
export interface OpCase {
  readonly name: string;
  readonly op: string;
  /** Shapes of the inputs that move, behind the batch. */
  readonly moving: readonly (readonly number[])[];
  /** Writes the node; returns its name, or those of its outputs. */
  readonly write: (g: WrittenGraph, moving: readonly string[]) => string | readonly string[];
  readonly dtype?: DType;
  /** Range of random inputs. */
  readonly domain?: readonly [number, number];
  /** The case mixes rows: only one row is tried. */
  readonly oneRow?: boolean;
}

const image = [5, 4, 3];

/** The op on its moving inputs and then on constants, with attributes. */
function simple(
  op: string,
  moving: readonly (readonly number[])[],
  {
    constants,
    attr = {},
    label,
    ...rest
  }: {
    readonly constants?: (g: WrittenGraph) => readonly string[];
    readonly attr?: Json;
    readonly label?: string;
    readonly domain?: readonly [number, number];
    readonly dtype?: DType;
    readonly oneRow?: boolean;
  } = {},
): OpCase {
  const write = (g: WrittenGraph, inputs: readonly string[]): string =>
    g.node(op, [...inputs, ...(constants?.(g) ?? [])], attr);
  return { name: label === undefined ? op : `${op}, ${label}`, op, moving, write, ...rest };
}

/** Different numbers, not all positive. */
const numbers = (count: number): number[] => Array.from({ length: count }, (_, k) => Math.sin(3 * k + 1));
const weights =
  (...shape: number[]) =>
  (g: WrittenGraph): string =>
    g.constant(shape, numbers(shape.reduce((n, d) => n * d, 1)));

/** Names apart. */
const words = (...lines: string[]): string[] => lines.flatMap((line) => line.split(' '));

const windows = (strides: number[], padding: string, more: Record<string, Json> = {}): Json => ({
  strides: is(1, ...strides, 1),
  padding: s(padding),
  data_format: s('NHWC'),
  dilations: is(1, ...strides.map(() => 1), 1),
  ...more,
});

const unaries: OpCase[] = words(
  'Abs Asinh Atan Ceil Cos Cosh Elu Erf Exp Expm1 Floor Neg Relu Relu6 Round',
  'Selu Sigmoid Sign Sin Sinh Softplus Square Tan Tanh StopGradient Identity Snapshot Softmax LogSoftmax',
).map((op) => simple(op, [image]));

const positives: OpCase[] = ['Log', 'Log1p', 'Sqrt', 'Rsqrt', 'Reciprocal'].map((op) =>
  simple(op, [image], { domain: [0.2, 3] }),
);

const inside: OpCase[] = ['Acos', 'Asin', 'Atanh'].map((op) => simple(op, [image], { domain: [-0.9, 0.9] }));

const binaries: OpCase[] = words(
  'Add AddV2 Sub Mul RealDiv Div DivNoNan',
  'FloorDiv FloorMod Maximum Minimum SquaredDifference',
).flatMap((op) => [
  simple(op, [image, image], { label: 'both move' }),
  simple(op, [image], { label: 'a vector of the channels', constants: (g) => [weights(3)(g)] }),
  simple(op, [image], { label: 'a map', constants: (g) => [weights(4, 1)(g)] }),
]);

const logical: OpCase[] = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'].map((op) => ({
  ...simple(op, [image, image]),
  domain: [0, 1] as const,
  write: (g, [x = '', y = '']) => {
    // Rounded, so that some are equal.
    const flag = g.node(op, [g.node('Round', [x]), g.node('Round', [y])]);
    return g.node('Cast', [flag], { SrcT: type('bool'), DstT: type('float32') });
  },
}));

const reductions: OpCase[] = ['Mean', 'Sum', 'Max', 'Min', 'Prod', 'EuclideanNorm'].flatMap((op) =>
  [[1, 2], [3], [1], [-2, -1]].flatMap((axes) =>
    [true, false].map((keep) =>
      simple(op, [image], {
        label: `axes ${axes.join()}${keep ? ' kept' : ''}`,
        constants: (g) => [g.ints(...axes)],
        attr: { keep_dims: b(keep) },
      }),
    ),
  ),
);

const convolutions: OpCase[] = [
  ...['SAME', 'VALID'].flatMap((padding) => [
    simple('Conv2D', [[7, 6, 3]], {
      label: padding,
      constants: (g) => [weights(3, 2, 3, 4)(g)],
      attr: windows([2, 2], padding),
    }),
    simple('Conv2D', [[8, 5, 3]], {
      label: `${padding}, dilated`,
      constants: (g) => [weights(2, 3, 3, 2)(g)],
      attr: windows([1, 1], padding, { dilations: is(1, 2, 1, 1) }),
    }),
    simple('DepthwiseConv2dNative', [[7, 6, 3]], {
      label: padding,
      constants: (g) => [weights(3, 3, 3, 2)(g)],
      attr: windows([2, 2], padding),
    }),
    simple('MaxPool', [[7, 6, 3]], { label: padding, attr: windows([2, 2], padding, { ksize: is(1, 3, 2, 1) }) }),
    simple('AvgPool', [[7, 6, 3]], { label: padding, attr: windows([2, 3], padding, { ksize: is(1, 3, 2, 1) }) }),
    simple('Conv3D', [[4, 5, 3, 2]], {
      label: padding,
      constants: (g) => [weights(2, 3, 2, 2, 3)(g)],
      attr: {
        strides: is(1, 1, 2, 1, 1),
        dilations: is(1, 1, 1, 1, 1),
        padding: s(padding),
        data_format: s('NDHWC'),
      },
    }),
    simple('AvgPool3D', [[4, 5, 3, 2]], {
      label: padding,
      attr: { strides: is(1, 2, 2, 1, 1), ksize: is(1, 2, 3, 2, 1), padding: s(padding), data_format: s('NDHWC') },
    }),
    simple('MaxPool3D', [[4, 5, 3, 2]], {
      label: padding,
      attr: { strides: is(1, 2, 2, 1, 1), ksize: is(1, 2, 3, 2, 1), padding: s(padding), data_format: s('NDHWC') },
    }),
  ]),
  simple('Conv2D', [[6, 5, 3]], {
    label: 'explicit margins',
    constants: (g) => [weights(3, 2, 3, 4)(g)],
    attr: windows([1, 1], 'EXPLICIT', { explicit_paddings: is(0, 0, 2, 1, 0, 1, 0, 0) }),
  }),
  simple('Conv1D', [[7, 3]], { constants: (g) => [weights(3, 3, 4)(g)], attr: { stride: i(2), padding: s('SAME') } }),
  ...[['Relu'], ['Relu6'], ['Elu'], ['Sigmoid'], ['LeakyRelu'], []].map((fused) =>
    simple('_FusedConv2D', [[5, 6, 3]], {
      label: `BiasAdd ${fused.join()}`,
      constants: (g) => [weights(3, 3, 3, 4)(g), weights(4)(g)],
      attr: windows([1, 1], 'SAME', { fused_ops: ss('BiasAdd', ...fused), num_args: i(1), leakyrelu_alpha: f(0.3) }),
    }),
  ),
  simple('_FusedConv2D', [[5, 6, 3]], {
    label: 'BiasAdd Prelu',
    constants: (g) => [weights(3, 3, 3, 4)(g), weights(4)(g), weights(4)(g)],
    attr: windows([1, 1], 'SAME', { fused_ops: ss('BiasAdd', 'Prelu'), num_args: i(2) }),
  }),
  simple('FusedDepthwiseConv2dNative', [[5, 6, 3]], {
    constants: (g) => [weights(3, 3, 3, 1)(g), weights(3)(g)],
    attr: windows([1, 1], 'SAME', { fused_ops: ss('BiasAdd', 'Relu6'), num_args: i(1) }),
  }),
  ...(
    [
      ['SAME', 2, [8, 10]],
      ['SAME', 2, [7, 9]],
      ['VALID', 2, [9, 11]],
      ['VALID', 2, [10, 12]],
      ['SAME', 1, [4, 5]],
    ] as const
  ).map(([padding, stride, [height, width]]): OpCase => ({
    name: `Conv2DBackpropInput, ${padding} to ${height} by ${width}`,
    op: 'Conv2DBackpropInput',
    moving: [[4, 5, 3]],
    oneRow: true,
    write: (g, [x = '']) =>
      g.node(
        'Conv2DBackpropInput',
        [g.ints(1, height, width, 2), weights(3, 3, 2, 3)(g), x],
        windows([stride, stride], padding),
      ),
  })),
  simple('BiasAdd', [image], { constants: (g) => [weights(3)(g)] }),
  simple('BiasAdd', [[3]], { label: 'of a vector', constants: (g) => [weights(3)(g)] }),
  simple('FusedBatchNormV3', [image], {
    constants: (g) => [weights(3)(g), weights(3)(g), weights(3)(g), g.constant([3], [0.5, 1, 2])],
    attr: { epsilon: f(0.01), is_training: b(false), data_format: s('NHWC') },
  }),
  simple('LRN', [[3, 2, 8]], { attr: { depth_radius: i(2), bias: f(1.5), alpha: f(0.4), beta: f(0.6) } }),
  simple('Prelu', [image], { constants: (g) => [weights(3)(g)] }),
  simple('LeakyRelu', [image], { attr: { alpha: f(0.3) } }),
  simple('LeakyRelu', [image], { label: 'slope by default' }),
];

const products: OpCase[] = [
  ...[true, false].map((transposed) =>
    simple('MatMul', [[4]], {
      label: transposed ? 'transposed' : 'plain',
      constants: (g) => [(transposed ? weights(3, 4) : weights(4, 3))(g)],
      attr: { transpose_a: b(false), transpose_b: b(transposed) },
    }),
  ),
  simple('_FusedMatMul', [[4]], {
    constants: (g) => [weights(4, 3)(g), weights(3)(g)],
    attr: { fused_ops: ss('BiasAdd', 'Elu'), num_args: i(1), transpose_a: b(false), transpose_b: b(false) },
  }),
  simple(
    'BatchMatMulV2',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    { attr: { adj_x: b(false), adj_y: b(true) } },
  ),
  simple('BatchMatMulV2', [image], {
    label: 'with weights',
    constants: (g) => [weights(3, 2)(g)],
    attr: { adj_x: b(false), adj_y: b(false) },
  }),
  simple(
    'BatchMatMul',
    [
      [2, 4, 3],
      [2, 4, 5],
    ],
    { attr: { adj_x: b(true), adj_y: b(false) } },
  ),
  simple(
    'Einsum',
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
    { attr: { equation: s('bhid,bhjd->bhij'), N: i(2) } },
  ),
];

const shapes: OpCase[] = [
  simple('Reshape', [image], { constants: (g) => [g.ints(-1, 10, 6)] }),
  simple('Squeeze', [[1, 4, 3]], { attr: { squeeze_dims: is(1) } }),
  simple('Squeeze', [[5, 4, 1]], { label: 'from the end', attr: { squeeze_dims: is(-1) } }),
  {
    name: 'Squeeze of all but the batch',
    op: 'Squeeze',
    moving: [[1, 4, 1]],
    write: (g, inputs) => g.node('Sum', [g.node('Squeeze', inputs), g.ints(1)], { keep_dims: b(true) }),
  },
  ...[1, 2, 3, -1].map((axis) =>
    simple('ExpandDims', [[4, 3]], { label: `at ${axis}`, constants: (g) => [g.int(axis)] }),
  ),
  simple('ExpandDims', [image], { label: 'of an image', constants: (g) => [g.int(1)] }),
  ...[
    [0, 2, 1, 3],
    [0, 3, 1, 2],
    [0, 3, 2, 1],
  ].map((perm) => simple('Transpose', [image], { label: perm.join(), constants: (g) => [g.ints(...perm)] })),
  ...[1, 3, -1].map((axis) =>
    simple('ConcatV2', [image, image], { label: `axis ${axis}`, constants: (g) => [g.int(axis)], attr: { N: i(2) } }),
  ),
  {
    name: 'Concat',
    op: 'Concat',
    moving: [image, image],
    write: (g, inputs) => g.node('Concat', [g.int(2), ...inputs], { N: i(2) }),
  },
  ...[1, 4, -1].map((axis) =>
    simple('Pack', [image, image], { label: `axis ${axis}`, attr: { axis: i(axis), N: i(2) } }),
  ),
  ...[1, 3].map((axis): OpCase => ({
    name: `Unpack, axis ${axis}`,
    op: 'Unpack',
    moving: [[2, 4, 2]],
    write: (g, inputs) => {
      const parts = g.node('Unpack', inputs, { axis: i(axis), num: i(2) });
      return [parts, `${parts}:1`];
    },
  })),
  ...[1, 3].map((axis): OpCase => ({
    name: `Split, axis ${axis}`,
    op: 'Split',
    moving: [[4, 3, 6]],
    write: (g, [x = '']) => {
      const parts = g.node('Split', [g.int(axis), x], { num_split: i(2) });
      return [parts, `${parts}:1`];
    },
  })),
  {
    name: 'SplitV',
    op: 'SplitV',
    moving: [[2, 3, 6]],
    write: (g, [x = '']) => {
      const parts = g.node('SplitV', [x, g.ints(1, -1, 2), g.int(3)], { num_split: i(3) });
      return [parts, `${parts}:1`, `${parts}:2`];
    },
  },
  simple('Tile', [image], { constants: (g) => [g.ints(1, 2, 1, 3)] }),
  simple('Pad', [image], { constants: (g) => [g.constant([4, 2], [0, 0, 1, 2, 0, 1, 3, 0], 'int32')] }),
  simple('PadV2', [image], {
    constants: (g) => [g.constant([4, 2], [0, 0, 1, 2, 0, 1, 0, 0], 'int32'), g.constant([], [2.5])],
  }),
  ...['REFLECT', 'SYMMETRIC'].map((mode) =>
    simple('MirrorPad', [image], {
      label: mode,
      constants: (g) => [g.constant([4, 2], [0, 0, 1, 3, 2, 0, 0, 1], 'int32')],
      attr: { mode: s(mode) },
    }),
  ),
  simple('Slice', [image], { constants: (g) => [g.ints(0, 1, 0, 1), g.ints(-1, 3, -1, 2)] }),
  simple('StridedSlice', [image], {
    constants: (g) => [g.ints(0, 1, 0, 1), g.ints(0, 5, 0, 3), g.ints(1, 2, 1, 1)],
    attr: { begin_mask: i(5), end_mask: i(5) },
  }),
  simple('ReverseV2', [image], { constants: (g) => [g.ints(1, -1)] }),
  simple('GatherV2', [image], { constants: (g) => [g.ints(2, 0, 2), g.int(3)] }),
  simple('GatherV2', [image], {
    label: 'a matrix of places',
    constants: (g) => [g.constant([2, 2], [0, 4, 1, 1], 'int32'), g.int(1)],
  }),
  simple('GatherV2', [[3, 2, 4]], {
    label: 'with batches side by side',
    constants: (g) => [g.constant([1, 2, 2], [3, 0, 1, 1], 'int32'), g.int(3)],
    attr: { batch_dims: i(1) },
    oneRow: true,
  }),
  simple('DepthToSpace', [[2, 3, 8]], { attr: { block_size: i(2), data_format: s('NHWC') } }),
  {
    name: 'SpaceToBatchND and back',
    op: 'SpaceToBatchND',
    moving: [[6, 5, 2]],
    oneRow: true,
    write: (g, [x = '']) => {
      const block = g.ints(2, 3);
      const apart = g.node('SpaceToBatchND', [x, block, g.constant([2, 2], [1, 1, 0, 1], 'int32')]);
      const shifted = g.node('Mul', [apart, g.constant([24 / 6, 2, 1], numbers(8))]);
      return [apart, g.node('BatchToSpaceND', [shifted, block, g.constant([2, 2], [1, 0, 0, 2], 'int32')])];
    },
  },
  ...[false, true].flatMap((half) =>
    (['ResizeBilinear', 'ResizeNearestNeighbor'] as const).flatMap((op) =>
      [
        [8, 7],
        [3, 5],
      ].map((size) =>
        simple(op, [[5, 4, 2]], {
          label: `to ${size.join(' by ')}${half ? ', half pixel' : ''}`,
          constants: (g) => [g.ints(...size)],
          attr: { half_pixel_centers: b(half), align_corners: b(false) },
        }),
      ),
    ),
  ),
  ...(['ResizeBilinear', 'ResizeNearestNeighbor'] as const).map((op) =>
    simple(op, [[5, 4, 2]], {
      label: 'corners aligned',
      constants: (g) => [g.ints(8, 7)],
      attr: { half_pixel_centers: b(false), align_corners: b(true) },
    }),
  ),
  ...[false, true].flatMap((exclusive) =>
    [false, true].map((reverse) =>
      simple('Cumsum', [image], {
        label: `${exclusive ? 'exclusive' : 'inclusive'}${reverse ? ', reversed' : ''}`,
        constants: (g) => [g.int(2)],
        attr: { exclusive: b(exclusive), reverse: b(reverse) },
      }),
    ),
  ),
  simple('Cumprod', [image], { constants: (g) => [g.int(3)], attr: { exclusive: b(false), reverse: b(false) } }),
  {
    name: 'TopKV2',
    op: 'TopKV2',
    moving: [[2, 6]],
    write: (g, [x = '']) => {
      const top = g.node('TopKV2', [x, g.int(3)], { sorted: b(true) });
      return [top, g.node('Cast', [`${top}:1`], { DstT: type('float32') })];
    },
  },
  ...['ArgMax', 'ArgMin'].map((op): OpCase => ({
    name: op,
    op,
    moving: [image],
    write: (g, [x = '']) => g.node('Cast', [g.node(op, [x, g.int(2)])], { DstT: type('float32') }),
  })),
  ...['All', 'Any'].map((op): OpCase => ({
    name: op,
    op,
    moving: [image],
    write: (g, [x = '']) => {
      const flags = g.node('Greater', [x, g.constant([], [op === 'All' ? -1.5 : 1.2])]);
      return g.node('Cast', [g.node(op, [flags, g.ints(1, 2)], { keep_dims: b(false) })], { DstT: type('float32') });
    },
  })),
  {
    name: 'Select, SelectV2, LogicalAnd, LogicalOr and LogicalNot',
    op: 'SelectV2',
    moving: [image, image],
    write: (g, [x = '', y = '']) => {
      const zero = g.constant([], [0]);
      const flags = [x, y].map((t) => g.node('Greater', [t, zero])) as [string, string];
      const both = g.node('LogicalAnd', flags);
      const other = g.node('LogicalNot', [g.node('LogicalOr', flags)]);
      return [g.node('Select', [both, x, y]), g.node('SelectV2', [other, zero, y])];
    },
  },
  {
    name: 'IsNan, IsInf and IsFinite',
    op: 'IsNan',
    moving: [[4]],
    write: (g, [x = '']) => {
      const odd = g.node('RealDiv', [g.node('Relu', [x]), g.node('Relu', [x])]);
      return ['IsNan', 'IsInf', 'IsFinite'].map((op) => g.node('Cast', [g.node(op, [odd])], { DstT: type('float32') }));
    },
  },
  ...['ZerosLike', 'OnesLike'].map((op): OpCase => ({
    name: op,
    op,
    moving: [image],
    write: (g, [x = '']) => g.node('Sub', [g.node(op, [x]), x]),
  })),
  simple('AddN', [image, image, image], { attr: { N: i(3) } }),
  simple('ClipByValue', [image], { constants: (g) => [g.constant([], [-0.5]), g.constant([], [1])] }),
  simple('Pow', [image], { constants: (g) => [g.constant([3], [2, 0.5, -1])], domain: [0.2, 2] }),
  {
    name: 'Shape, StridedSlice, Pack, Reshape: the sizes of a flatten',
    op: 'Shape',
    moving: [image],
    write: (g, [x = '']) => {
      const batch = g.node('StridedSlice', [g.node('Shape', [x]), g.ints(0), g.ints(1), g.ints(1)], {
        shrink_axis_mask: i(1),
      });
      return g.node('Reshape', [x, g.node('Pack', [batch, g.int(-1)], { axis: i(0), N: i(2) })]);
    },
  },
  {
    name: 'Fill, Range, Rank and Size',
    op: 'Fill',
    moving: [image],
    oneRow: true,
    write: (g, [x = '']) => {
      const count = g.node('Range', [g.int(0), g.node('Rank', [x]), g.int(1)]);
      const filled = g.node('Fill', [g.ints(1, 1), g.node('Cast', [g.node('Size', [x])], { DstT: type('float32') })]);
      return [g.node('Cast', [count], { DstT: type('float32') }), g.node('Add', [filled, x])];
    },
  },
  {
    name: 'BroadcastTo',
    op: 'BroadcastTo',
    moving: [[1, 3]],
    oneRow: true,
    write: (g, [x = '']) => g.node('BroadcastTo', [x, g.ints(1, 4, 3)]),
  },
  {
    name: 'OneHot',
    op: 'OneHot',
    moving: [[4]],
    domain: [-3, 5],
    write: (g, [x = '']) => {
      const places = g.node('Cast', [x], { DstT: type('int32') });
      return g.node('OneHot', [places, g.int(4), g.constant([], [2]), g.constant([], [-1])], { axis: i(-1) });
    },
  },
  {
    name: 'GatherNd',
    op: 'GatherNd',
    moving: [[4]],
    oneRow: true,
    write: (g, [x = '']) => g.node('GatherNd', [x, g.constant([3, 2], [0, 1, 0, 3, 0, 1], 'int32')]),
  },
  {
    name: 'ScatterNd and TensorScatterUpdate',
    op: 'ScatterNd',
    moving: [[3]],
    oneRow: true,
    write: (g, [x = '']) => {
      const flat = g.node('Reshape', [x, g.ints(3)]);
      const places = g.constant([3, 1], [4, 0, 4], 'int32');
      const apart = g.constant([3, 1], [4, 0, 2], 'int32');
      const whole = g.constant([5], numbers(5));
      return [g.node('ScatterNd', [places, flat, g.ints(5)]), g.node('TensorScatterUpdate', [whole, apart, flat])];
    },
  },
];

export const opCases: readonly OpCase[] = [
  ...unaries,
  ...positives,
  ...inside,
  ...binaries,
  ...logical,
  ...reductions,
  ...convolutions,
  ...products,
  ...shapes,
];
