import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, int64, PathwiseError, tensor } from '@pathwise/model';
import { readOnnx, unsupported, type OnnxLimits } from '../src/index.ts';
import { counting, modelFile, node, subgraph, tensorDraft, value, type Draft } from './encode.ts';

/** Reads a file as far as can be; says with which code it was refused, or 'read'. Any other error is a fault. */
function outcome(bytes: Uint8Array, limits: Partial<OnnxLimits> = {}): string {
  try {
    const source = readOnnx(bytes, { name: 'm', limits: { foldedElements: 2 ** 20, ...limits } });
    const blockers = unsupported(source);
    if (blockers.length > 0) return 'UNSUPPORTED_OP';
    source.graph({});
    return 'read';
  } catch (error) {
    if (error instanceof PathwiseError && error.code !== 'INTERNAL') return error.code;
    throw error;
  }
}

/** A small file with something of everything. */
const sample = modelFile({
  opset: 10,
  inputs: [value('x', ['N', 2, 4, 4])],
  valueInfos: [value('c', ['N', 3, 4, 4])],
  initializers: [
    tensorDraft('w', counting([3, 2, 3, 3])),
    tensorDraft('shape', int64([2], [0, -1])),
    tensorDraft('go', tensor('bool', [], Uint8Array.of(1))),
    tensorDraft('two', int64([], [2])),
    tensorDraft('k', float32([48, 2], new Float32Array(96))),
  ],
  nodes: [
    node('Conv', ['x', 'w'], ['c'], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] }),
    node('Clip', ['c'], ['r'], { min: { float: 0 } }),
    node('If', ['go'], ['i'], {
      then_branch: subgraph([node('Neg', ['r'], ['t'])], [], ['t']),
      else_branch: subgraph([], [], ['r']),
    }),
    node('Loop', ['two', 'go', 'i'], ['l'], {
      body: subgraph([node('Identity', ['b'], ['a']), node('Add', ['v', 'v'], ['s'])], ['j', 'b', 'v'], ['a', 's']),
    }),
    node('Reshape', ['l', 'shape'], ['flat']),
    node('MatMul', ['flat', 'k'], ['m']),
    node('Softmax', ['m'], ['y'], { axis: 1 }),
  ],
  outputs: [value('y', ['N', 2])],
});

describe('damaged files', () => {
  test('the sample itself is good', () => {
    expect(outcome(sample)).toBe('read');
  });

  test('cut at every byte', () => {
    const codes = new Set<string>();
    for (let length = 0; length < sample.length; length++) codes.add(outcome(sample.slice(0, length)));
    expect([...codes].sort()).toEqual(['BAD_FILE']);
  });

  test('every bit flipped', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < sample.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = sample.slice();
        bytes[i]! ^= 1 << bit;
        const code = outcome(bytes);
        seen.set(code, (seen.get(code) ?? 0) + 1);
      }
    }
    for (const code of seen.keys())
      expect(['read', 'BAD_FILE', 'BAD_SHAPE', 'UNSUPPORTED_OP', 'LIMIT_EXCEEDED']).toContain(code);
    expect(seen.get('BAD_FILE')).toBeGreaterThan(100);
    expect(seen.get('read')).toBeGreaterThan(100);
  });

  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => typeof outcome(bytes) === 'string'),
      { numRuns: 500 },
    );
  });

  test('any piece of the sample replaced by any bytes', () => {
    const edit = fc.tuple(fc.nat(sample.length), fc.nat(20), fc.uint8Array({ maxLength: 12 }));
    fc.assert(
      fc.property(edit, ([at, removed, added]) => {
        const bytes = Uint8Array.from([...sample.subarray(0, at), ...added, ...sample.subarray(at + removed)]);
        return typeof outcome(bytes) === 'string';
      }),
      { numRuns: 1500 },
    );
  });
});

describe('sizes beyond reason', () => {
  const file = (nodes: Draft[], initializers: Draft[] = []): Uint8Array =>
    modelFile({ inputs: [value('x', ['N', 2])], initializers, nodes, outputs: [value('y', null)] });
  const ints = (name: string, ...values: number[]): Draft => tensorDraft(name, int64([values.length], values));
  const scalar = (name: string, v: number): Draft => tensorDraft(name, int64([], [v]));

  // Not one of these may take memory or time in proportion to the number.
  test.each<[string, Uint8Array]>([
    ['ConstantOfShape', file([node('ConstantOfShape', ['s'], ['y'])], [ints('s', 2 ** 40, 2 ** 40)])],
    ['ConstantOfShape, negative', file([node('ConstantOfShape', ['s'], ['y'])], [ints('s', -4)])],
    ['Expand', file([node('Expand', ['x', 's'], ['y'])], [ints('s', 2 ** 45, 1, 2)])],
    ['Tile', file([node('Tile', ['x', 's'], ['y'])], [ints('s', 2 ** 40, 2 ** 40)])],
    ['Pad', file([node('Pad', ['x', 's'], ['y'])], [ints('s', 2 ** 50, 0, 0, 0)])],
    ['Pad, negative', file([node('Pad', ['x', 's'], ['y'])], [ints('s', -(2 ** 50), 0, 0, 0)])],
    ['Range', file([node('Range', ['a', 'b', 'c'], ['y'])], [scalar('a', 0), scalar('b', 2 ** 52), scalar('c', 1)])],
    ['Range without end', file([node('Range', ['a', 'b', 'a'], ['y'])], [scalar('a', 0), scalar('b', 1)])],
    ['Reshape', file([node('Reshape', ['x', 's'], ['y'])], [ints('s', 2 ** 50, 2 ** 50)])],
    ['Resize', file([node('Resize', ['x', '', '', 's'], ['y'])], [ints('s', 2 ** 40, 2 ** 40)])],
    ['OneHot', file([node('OneHot', ['i', 'd', 'v'], ['y'])], [ints('i', 1), scalar('d', 2 ** 50), ints('v', 0, 1)])],
    ['Unsqueeze', file([node('Unsqueeze', ['x', 's'], ['y'])], [ints('s', 2 ** 50)])],
    ['Split', file([node('Split', ['x'], ['y'], { num_outputs: 2 ** 50 })])],
    [
      'EyeLike',
      file([node('ConstantOfShape', ['s'], ['e']), node('EyeLike', ['e'], ['y'])], [ints('s', 2 ** 26, 2 ** 26)]),
    ],
    [
      'MaxPool',
      file(
        [
          node('Unsqueeze', ['x', 's'], ['u']),
          node('MaxPool', ['u'], ['y'], { kernel_shape: [2 ** 40], pads: [2 ** 39, 2 ** 39] }),
        ],
        [ints('s', 0)],
      ),
    ],
    ['HannWindow', file([node('HannWindow', ['n'], ['y'])], [scalar('n', 2 ** 50)])],
    ['GatherND of nothing', file([node('GatherND', ['x', 'i'], ['y'])], [tensorDraft('i', int64([0, 0], []))])],
    [
      'Loop',
      file(
        [
          node('Loop', ['n', '', 'x'], ['y'], {
            body: subgraph([node('Identity', ['b'], ['a'])], ['i', 'b', 'v'], ['a', 'v']),
          }),
        ],
        [scalar('n', 2 ** 50)],
      ),
    ],
    [
      'growing by doubling',
      file(
        [
          ...Array.from({ length: 60 }, (_, i) => node('Concat', [`h${i}`, `h${i}`], [`h${i + 1}`], { axis: 0 })),
          node('Identity', ['h60'], ['y']),
        ],
        [ints('h0', 1)],
      ),
    ],
    [
      'growing products',
      file(
        [
          node('ConstantOfShape', ['s'], ['m']),
          ...Array.from({ length: 20 }, (_, i) => node('MatMul', [i === 0 ? 'm' : `p${i}`, 'm'], [`p${i + 1}`])),
          node('Identity', ['p20'], ['y']),
        ],
        [ints('s', 1000, 1000)],
      ),
    ],
  ])('%s', (_, bytes) => {
    expect(['read', 'BAD_FILE', 'BAD_SHAPE', 'UNSUPPORTED_OP', 'LIMIT_EXCEEDED']).toContain(outcome(bytes));
  });

  test('sub-graphs nested without end', () => {
    let once: Draft = node('Identity', ['x'], ['y']);
    for (let i = 0; i < 200; i++)
      once = node('If', ['go'], ['y'], { then_branch: subgraph([once], [], ['y']) }, { name: '' });
    expect(outcome(file([once], [tensorDraft('go', tensor('bool', [], Uint8Array.of(1)))]))).toBe('LIMIT_EXCEEDED');
  });
});

// Each of these once ended in a TypeError or RangeError of an op (found by mutating the ONNX node tests).
describe('operands that do not go together', () => {
  const file = (shape: readonly number[], nodes: Draft[], initializers: Draft[]): Uint8Array =>
    modelFile({ inputs: [value('x', shape)], initializers, nodes, outputs: [value('y', null)] });

  test.each<[string, Uint8Array]>([
    [
      'Concat of two ranks',
      file([1, 2], [node('Concat', ['x', 'w'], ['y'], { axis: 1 })], [tensorDraft('w', counting([2]))]),
    ],
    [
      'QuantizeLinear to floats',
      file([1, 2], [node('QuantizeLinear', ['x', 'one', 'one'], ['y'])], [tensorDraft('one', float32([], [1]))]),
    ],
    [
      'ConvTranspose in -2 groups',
      file(
        [1, 2, 3],
        [node('ConvTranspose', ['x', 'w'], ['y'], { group: -2 })],
        [tensorDraft('w', counting([2, 1, 3]))],
      ),
    ],
  ])('%s', (_, bytes) => {
    expect(outcome(bytes)).toBe('UNSUPPORTED_OP');
    expect(() => readOnnx(bytes).graph({})).toThrow(PathwiseError);
  });
});
