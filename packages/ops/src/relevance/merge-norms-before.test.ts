import { describe, expect, test } from 'vitest';
import { float64, toFloat64, type Propagation, type Tensor } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine, type OpBuilder } from '../index.ts';
import { canonize } from './canonize.ts';

const wave = (first: number, ...shape: number[]): Tensor =>
  float64(
    shape,
    Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(first + 1.7 * i)),
  );
const normalized = (b: OpBuilder, x: string, channels: number): string =>
  b.emit('BatchNormalization', [
    x,
    b.constant(wave(1, channels)),
    b.constant(wave(2, channels)),
    b.constant(wave(3, channels)),
    b.constant(float64([channels], new Array<number>(channels).fill(0.7))),
  ]);
const epsilon: Propagation = {
  kind: 'relevance',
  rules: [],
} as unknown as Propagation;

/** Ops after canonizing, and outputs of the graph before and after at one input. */
async function canonized(shape: number[], write: (b: OpBuilder, x: string) => string) {
  const b = graphBuilder();
  const y = write(b, b.input('x', shape));
  const graph = b.build([y]);
  const { graph: after, notes } = canonize(graph, [y], epsilon);
  const feeds = { x: wave(0.3, ...shape) };
  const [was, is] = await Promise.all(
    [graph, after].map(async (g) => toFloat64((await graphModel(g, referenceEngine).forward(feeds, [y]))[y]!.data)),
  );
  return { ops: after.nodes.map(({ op }) => op), notes, was: was!, is: is! };
}

describe('batch normalizations before and after products', () => {
  test.each<[string, number[], (b: OpBuilder, x: string) => string, string[], RegExp]>([
    [
      'before a convolution',
      [1, 4, 5, 5],
      (b, x) => b.conv(normalized(b, x, 4), wave(5, 3, 4, 2, 2)),
      ['Conv'],
      /behind/,
    ],
    [
      'before a convolution of groups, with a bias',
      [1, 4, 5, 5],
      (b, x) => b.conv(normalized(b, x, 4), wave(5, 6, 2, 3, 3), wave(6, 6), { group: 2 }),
      ['Conv'],
      /behind/,
    ],
    [
      'before two products',
      [1, 4],
      (b, x) => {
        const n = normalized(b, x, 4);
        return b.add(b.relu(b.gemm(n, wave(5, 3, 4), wave(6, 3), { transB: 1 })), b.relu(b.matmul(n, wave(7, 4, 3))));
      },
      ['Gemm', 'Relu', 'Gemm', 'Relu', 'Add'],
      /^1 batch normalizations .* behind/,
    ],
    ['after a matrix', [1, 4], (b, x) => normalized(b, b.matmul(x, wave(5, 4, 3)), 3), ['Gemm'], /before them/],
    [
      'after a matrix and its bias',
      [1, 4],
      (b, x) => normalized(b, b.add(b.matmul(x, wave(5, 4, 3)), wave(6, 3)), 3),
      ['Gemm'],
      /before them/,
    ],
  ])('%s: the same function, one node less', async (_, shape, write, ops, note) => {
    const { ops: left, notes, was, is } = await canonized(shape, write);
    expect(left).toEqual(ops);
    expect(notes.some((text) => note.test(text))).toBe(true);
    expect(is).toBeClose(was, { scale: 1e-12 });
  });

  // At the border of an image padding is 0, the normalization's shift is not.
  test.each<[string, number[], (b: OpBuilder, x: string) => string]>([
    [
      'a convolution that pads',
      [1, 4, 5, 5],
      (b, x) => b.conv(normalized(b, x, 4), wave(5, 3, 4, 3, 3), null, { pads: [1, 1, 1, 1] }),
    ],
    ['an activation in between', [1, 4], (b, x) => b.matmul(b.relu(normalized(b, x, 4)), wave(5, 4, 3))],
    [
      'another reader',
      [1, 4],
      (b, x) => {
        const n = normalized(b, x, 4);
        return b.add(b.matmul(n, wave(5, 4, 4)), n);
      },
    ],
  ])('%s keeps the normalization', async (_, shape, write) => {
    const { ops, was, is } = await canonized(shape, write);
    expect(ops).toContain('BatchNormalization');
    expect(is).toBeClose(was, { scale: 1e-12 });
  });
});
