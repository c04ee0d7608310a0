import type { Json } from '../src/files/json.ts';
import { is, s, type, type WrittenGraph } from './written-graph.ts';

/** An op that TensorFlow.js lacks, or reads in its own way: numbers in, numbers out, by TensorFlow's definition. */
export interface FormCase {
  readonly name: string;
  readonly shape: readonly number[];
  readonly x: readonly number[];
  readonly write: (g: WrittenGraph, x: string) => string;
  readonly expected: readonly number[];
}

const asFloat = (g: WrittenGraph, x: string): string => g.node('Cast', [x], { DstT: type('float32') });
const positive = (g: WrittenGraph, x: string): string => g.node('Greater', [x, g.constant([], [0])]);

const plain = (op: string, attr: Json = {}) => ({
  name: op,
  shape: [1, 3],
  x: [-2, 0, 5],
  write: (g: WrittenGraph, x: string): string => g.node(op, [x], attr),
});

/** Each expected list is worked out by hand. */
export const formCases: readonly FormCase[] = [
  { ...plain('EnsureShape'), expected: [-2, 0, 5] },
  { ...plain('Print'), expected: [-2, 0, 5] },
  { ...plain('Softsign'), expected: [-2 / 3, 0, 5 / 6] },
  {
    name: 'PlaceholderWithDefault, which stands for its default',
    shape: [1, 3],
    x: [-2, 0, 5],
    write: (g, x) => g.node('Add', [x, g.node('PlaceholderWithDefault', [g.constant([], [10])])]),
    expected: [8, 10, 15],
  },
  {
    name: 'FakeQuantWithMinMaxVars, a clip to its range',
    shape: [1, 3],
    x: [-2, 0, 5],
    write: (g, x) => g.node('FakeQuantWithMinMaxVars', [x, g.constant([], [-1]), g.constant([], [3])]),
    expected: [-1, 0, 3],
  },
  {
    name: 'Reverse, with a flag for each axis',
    shape: [1, 3],
    x: [-2, 0, 5],
    write: (g, x) => g.node('Reverse', [x, g.constant([2], [0, 1], 'bool')]),
    expected: [5, 0, -2],
  },
  {
    name: 'LogicalXor',
    shape: [1, 3],
    x: [-2, 0, 5],
    write: (g, x) => asFloat(g, g.node('LogicalXor', [positive(g, x), g.constant([1, 3], [1, 1, 1], 'bool')])),
    expected: [1, 1, 0],
  },
  {
    name: 'Where, of what is constant: the places of the true elements',
    shape: [1, 4],
    x: [0, 0, 0, 0],
    write: (g, x) => {
      const places = g.node('Where', [g.constant([2, 2], [0, 1, 1, 0], 'bool')]);
      return g.node('Add', [x, g.node('Reshape', [asFloat(g, places), g.ints(1, 4)])]);
    },
    expected: [0, 1, 1, 0],
  },
  {
    name: 'ShapeN and IdentityN',
    shape: [1, 3],
    x: [-2, 0, 5],
    write: (g, x) => {
      const both = g.node('IdentityN', [x, g.constant([7], new Float32Array(7))]);
      return g.node('Add', [x, asFloat(g, `${g.node('ShapeN', [x, `${both}:1`])}:1`)]);
    },
    expected: [5, 7, 12],
  },
  {
    name: 'BatchMatMulV3',
    shape: [1, 1, 2],
    x: [1, 2],
    write: (g, x) => g.node('BatchMatMulV3', [x, g.constant([2, 2], [1, 10, 100, 1000])]),
    expected: [201, 2010],
  },
  {
    // Channel r of the block's rows and columns first: [row 0 col 0, row 0 col 1, row 1 col 0, row 1 col 1].
    name: 'SpaceToDepth',
    shape: [1, 2, 4, 1],
    x: [1, 2, 3, 4, 5, 6, 7, 8],
    write: (g, x) => g.node('SpaceToDepth', [x], { block_size: { i: '2' } }),
    expected: [1, 2, 5, 6, 3, 4, 7, 8],
  },
  {
    name: 'MaxPoolWithArgmax, of which the values are read',
    shape: [1, 2, 2, 1],
    x: [1, 7, 3, 2],
    write: (g, x) =>
      g.node('MaxPoolWithArgmax', [x], { ksize: is(1, 2, 2, 1), strides: is(1, 2, 2, 1), padding: s('VALID') }),
    expected: [7],
  },
  ...['FusedBatchNorm', 'FusedBatchNormV2'].map((op) => ({
    name: op,
    shape: [1, 1, 1, 2],
    x: [3, 3],
    // scale (x - mean) / sqrt(variance + epsilon) + offset
    write: (g: WrittenGraph, x: string): string => {
      const vectors = [
        [1, 2],
        [10, 20],
        [1, 2],
        [4, 1],
      ].map((values) => g.constant([2], values));
      return g.node(op, [x, ...vectors], { epsilon: { f: 0 } });
    },
    expected: [11, 22],
  })),
  {
    name: 'DepthwiseConv2d and Gather under their old names',
    shape: [1, 1, 1, 2],
    x: [3, 5],
    write: (g, x) => {
      const windows = { strides: is(1, 1, 1, 1), padding: s('SAME') };
      const scaled = g.node('DepthwiseConv2d', [x, g.constant([1, 1, 2, 1], [2, 10])], windows);
      return g.node('Gather', [scaled, g.ints(0)]);
    },
    expected: [6, 50],
  },
];
