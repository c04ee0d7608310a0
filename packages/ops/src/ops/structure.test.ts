import { describe, expect, test } from 'vitest';
import { float32, int64, tensor, type Tensor } from '@pathwise/model';
import { graphBuilder } from '../index.ts';
import { evaluateOp } from '../../test/evaluate.ts';

const counting = (...shape: number[]): Tensor => {
  const size = shape.reduce((n, d) => n * d, 1);
  return float32(
    shape,
    Array.from({ length: size }, (_, i) => i),
  );
};

/** Op, inputs, attributes, expected shape and data of each output. */
type Case = readonly [
  label: string,
  op: string,
  inputs: readonly (Tensor | null)[],
  attrs: Record<string, number | string | number[]>,
  outputs: readonly (readonly [shape: number[], data: number[]])[],
];

// Expected numbers by NumPy's functions of the same meaning on arange(n).reshape(shape), or by the ONNX standard's text.
const CASES: readonly Case[] = [
  [
    'zero keeps a size',
    'Reshape',
    [counting(2, 3), int64([2], [0, -1])],
    {},
    [
      [
        [2, 3],
        [0, 1, 2, 3, 4, 5],
      ],
    ],
  ],
  [
    'zero is a size with allowzero',
    'Reshape',
    [float32([0, 3], []), int64([2], [3, 0])],
    { allowzero: 1 },
    [[[3, 0], []]],
  ],
  [
    'reversed',
    'Transpose',
    [counting(2, 3)],
    {},
    [
      [
        [3, 2],
        [0, 3, 1, 4, 2, 5],
      ],
    ],
  ],
  [
    'cyclic',
    'Transpose',
    [counting(1, 2, 3)],
    { perm: [2, 0, 1] },
    [
      [
        [3, 1, 2],
        [0, 3, 1, 4, 2, 5],
      ],
    ],
  ],
  [
    'x[::-2]',
    'Slice',
    [counting(5), int64([1], [-1]), int64([1], [-100]), int64([1], [0]), int64([1], [-2])],
    {},
    [[[3], [4, 2, 0]]],
  ],
  [
    'x[:, 1:100:2]',
    'Slice',
    [counting(2, 4), int64([1], [1]), int64([1], [100]), int64([1], [-1]), int64([1], [2])],
    {},
    [
      [
        [2, 2],
        [1, 3, 5, 7],
      ],
    ],
  ],
  ['empty', 'Slice', [counting(4), int64([1], [3]), int64([1], [1])], {}, [[[0], []]]],
  [
    'uneven',
    'Split',
    [counting(5)],
    { num_outputs: 3 },
    [
      [[2], [0, 1]],
      [[2], [2, 3]],
      [[1], [4]],
    ],
  ],
  [
    'sizes along the last axis',
    'Split',
    [counting(2, 3), int64([2], [2, 1])],
    { axis: -1 },
    [
      [
        [2, 2],
        [0, 1, 3, 4],
      ],
      [
        [2, 1],
        [2, 5],
      ],
    ],
  ],
  [
    'rows by a matrix of indices',
    'Gather',
    [counting(3, 2), int64([1, 2], [2, -3])],
    {},
    [
      [
        [1, 2, 2],
        [4, 5, 0, 1],
      ],
    ],
  ],
  ['columns by a scalar', 'Gather', [counting(2, 3), int64([], [-1])], { axis: 1 }, [[[2], [2, 5]]]],
  [
    'take_along_axis',
    'GatherElements',
    [counting(2, 3), int64([2, 2], [2, 0, -1, 1])],
    { axis: 1 },
    [
      [
        [2, 2],
        [2, 0, 5, 4],
      ],
    ],
  ],
  [
    'tuples',
    'GatherND',
    [counting(2, 2, 2), int64([2, 2], [0, 1, 1, 0])],
    {},
    [
      [
        [2, 2],
        [2, 3, 4, 5],
      ],
    ],
  ],
  [
    'batched tuples',
    'GatherND',
    [counting(2, 2, 2), int64([2, 1], [1, 0])],
    { batch_dims: 1 },
    [
      [
        [2, 2],
        [2, 3, 4, 5],
      ],
    ],
  ],
  [
    'tile',
    'Tile',
    [counting(1, 2), int64([2], [2, 2])],
    {},
    [
      [
        [2, 4],
        [0, 1, 0, 1, 0, 1, 0, 1],
      ],
    ],
  ],
  [
    'DCR',
    'DepthToSpace',
    [counting(1, 8, 1, 1)],
    { blocksize: 2 },
    [
      [
        [1, 2, 2, 2],
        [0, 2, 4, 6, 1, 3, 5, 7],
      ],
    ],
  ],
  [
    'CRD',
    'DepthToSpace',
    [counting(1, 8, 1, 1)],
    { blocksize: 2, mode: 'CRD' },
    [
      [
        [1, 2, 2, 2],
        [0, 1, 2, 3, 4, 5, 6, 7],
      ],
    ],
  ],
  [
    'inverse of DCR',
    'SpaceToDepth',
    [float32([1, 2, 2, 2], [0, 2, 4, 6, 1, 3, 5, 7])],
    { blocksize: 2 },
    [
      [
        [1, 8, 1, 1],
        [0, 1, 2, 3, 4, 5, 6, 7],
      ],
    ],
  ],
  ['some axes', 'Shape', [counting(2, 3, 4)], { start: -2 }, [[[2], [3, 4]]]],
  ['upwards', 'Range', [float32([], [1]), float32([], [2.1]), float32([], [0.5])], {}, [[[3], [1, 1.5, 2]]]],
  [
    'out of range is off',
    'OneHot',
    [int64([3], [1, -1, 5]), int64([], [3]), float32([2], [2, 7])],
    {},
    [
      [
        [3, 3],
        [2, 7, 2, 2, 2, 7, 2, 2, 2],
      ],
    ],
  ],
  [
    'first axis',
    'OneHot',
    [int64([2], [1, 0]), int64([], [2]), float32([2], [0, 1])],
    { axis: 0 },
    [
      [
        [2, 2],
        [0, 1, 1, 0],
      ],
    ],
  ],
  [
    'above the diagonal',
    'EyeLike',
    [counting(2, 3)],
    { k: 1 },
    [
      [
        [2, 3],
        [0, 1, 0, 0, 0, 1],
      ],
    ],
  ],
  [
    'tril with k = -1',
    'Trilu',
    [counting(3, 3), int64([], [-1])],
    { upper: 0 },
    [
      [
        [3, 3],
        [0, 0, 0, 3, 0, 0, 6, 7, 0],
      ],
    ],
  ],
  [
    'columns of coordinates',
    'NonZero',
    [float32([2, 2], [1, 0, 1, 1])],
    {},
    [
      [
        [2, 3],
        [0, 1, 1, 0, 0, 1],
      ],
    ],
  ],
  [
    'rows',
    'Compress',
    [counting(3, 2), tensor('bool', [3], [0, 1, 1])],
    { axis: 0 },
    [
      [
        [2, 2],
        [2, 3, 4, 5],
      ],
    ],
  ],
  ['elements', 'Compress', [counting(3, 2), tensor('bool', [5], [0, 1, 0, 0, 1])], {}, [[[2], [1, 4]]]],
  [
    'time first',
    'ReverseSequence',
    [counting(3, 2), int64([2], [2, 3])],
    {},
    [
      [
        [3, 2],
        [2, 5, 0, 3, 4, 1],
      ],
    ],
  ],
  [
    'odd cropping and padding',
    'CenterCropPad',
    [counting(4, 2), int64([2], [1, 5])],
    {},
    [
      [
        [1, 5],
        [0, 2, 3, 0, 0],
      ],
    ],
  ],
  [
    'sorted',
    'Unique',
    [float32([5], [2, 1, 1, 3, 2])],
    {},
    [
      [[3], [1, 2, 3]],
      [[3], [1, 0, 3]],
      [[5], [1, 0, 0, 2, 1]],
      [[3], [2, 2, 1]],
    ],
  ],
  ['periodic', 'HannWindow', [int64([], [4])], {}, [[[4], [0, 0.5, 1, 0.5]]]],
  ['symmetric', 'BlackmanWindow', [int64([], [5])], { periodic: 0 }, [[[5], [0, 0.34, 1, 0.34, 0]]]],
  ['ends', 'HammingWindow', [int64([], [3])], { periodic: 0 }, [[[3], [4 / 46, 1, 4 / 46]]]],
];

describe('values', () => {
  test.each(CASES)('%s: %s', (_label, op, inputs, attrs, expected) => {
    const results = evaluateOp(op, inputs, attrs, expected.length);
    for (const [i, [shape, data]] of expected.entries()) {
      expect(results[i]!.shape).toEqual(shape);
      expect(results[i]!.data).toBeClose(data);
    }
  });
});

describe('shapes are known while building', () => {
  test('Shape of an input is a constant, and so is what is computed from it', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 6, 2]);
    const shape = b.emit('Shape', [x]);
    const rows = b.emit('Gather', [shape, b.constant(int64([1], [1]))]);
    const y = b.emit('Reshape', [x, b.concat([rows, b.ints([-1])], 0)]);
    expect(b.shape(y)).toEqual([6, 2]);
    expect(b.build([y]).nodes.map((node) => node.op)).toEqual(['Reshape']);
  });

  test('a computed shape is refused, naming node and input', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 6]);
    const sizes = b.emit('Cast', [b.input('sizes', [2])], { to: 'int64' });
    expect(() => b.emit('Reshape', [x, sizes], {}, 'flat')).toThrow(
      /node "flat" \(Reshape\): input shape must be constant, but it is computed from the inputs of the model/,
    );
  });
});

test.each([
  ['Reshape', [counting(2, 3), int64([1], [5])], {}, /shape \[2,3\] cannot be given the shape \[5\]/],
  ['Reshape', [counting(2, 3), int64([2], [-1, -1])], {}, /cannot be given the shape \[-1,-1\]/],
  ['Transpose', [counting(2, 3)], { perm: [0, 0] }, /expected a permutation of 2 axes for perm, got \[0,0\]/],
  ['Concat', [counting(2, 3), counting(3, 3)], { axis: 1 }, /apart from axis 1 for inputs\[1\], got \[3,3\]/],
  ['Gather', [counting(3), int64([1], [3])], {}, /index 3 is outside of \[-3, 2\]/],
  ['Squeeze', [counting(2, 3), int64([1], [0])], {}, /with size 1 along axes 0 for data, got \[2,3\]/],
  ['Split', [counting(4), int64([1], [3])], {}, /sizes that add up to 4/],
  [
    'Slice',
    [counting(4), int64([1], [0]), int64([1], [2]), int64([1], [0]), int64([1], [0])],
    {},
    /steps other than 0/,
  ],
  ['DepthToSpace', [counting(1, 6, 1, 1)], { blocksize: 2 }, /cannot be divided into its blocks/],
  ['Range', [float32([], [0]), float32([], [1]), float32([], [0])], {}, /a number other than 0/],
] as const)('%s refuses what cannot be', (op, inputs, attrs, message) => {
  expect(() => evaluateOp(op, inputs, attrs)).toThrow(message);
});
