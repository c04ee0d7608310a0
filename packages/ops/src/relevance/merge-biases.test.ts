import { describe, expect, test } from 'vitest';
import { float32, type Tensor } from '@pathwise/model';
import { graphBuilder, type OpBuilder } from '../index.ts';
import { mergeBiases } from './merge-biases.ts';

const ones = (...shape: number[]): Tensor =>
  float32(shape, new Array<number>(shape.reduce((n, d) => n * d, 1)).fill(1));

/** The ops that are left of a product and what is added to it, and the shape of the bias. */
function merged(write: (b: OpBuilder) => string): [ops: string[], bias: readonly number[] | undefined] {
  const b = graphBuilder();
  const { graph } = mergeBiases(b.build([write(b)]), []);
  const [first] = graph.nodes;
  return [graph.nodes.map(({ op }) => op), graph.constants.get(first?.inputs[2] ?? '')?.shape];
}

describe('added biases', () => {
  const image = (b: OpBuilder): string => b.input('x', [1, 2, 4, 4]);
  const conv = (b: OpBuilder): string => b.conv(image(b), ones(3, 2, 1, 1));

  test.each<[string, (b: OpBuilder) => string]>([
    ['of a convolution, [1, c, 1, 1]', (b) => b.add(conv(b), ones(1, 3, 1, 1))],
    ['of a convolution, [c, 1, 1], from the left', (b) => b.add(ones(3, 1, 1), conv(b))],
  ])('%s', (_, write) => {
    expect(merged(write)).toEqual([['Conv'], [3]]);
  });

  test('of a matrix', () => {
    expect(merged((b) => b.add(b.matmul(b.input('x', [1, 2]), ones(2, 3)), ones(3)))).toEqual([['Gemm'], [3]]);
  });

  test.each<[string, (b: OpBuilder) => string, string[]]>([
    ['a map is no bias', (b) => b.add(conv(b), ones(1, 3, 4, 1)), ['Conv', 'Add']],
    ['one number for all channels is none', (b) => b.add(conv(b), ones(1)), ['Conv', 'Add']],
    [
      'two biases are one too many',
      (b) => b.add(b.conv(image(b), ones(3, 2, 1, 1), ones(3)), ones(3, 1, 1)),
      ['Conv', 'Add'],
    ],
    ['nor what moves', (b) => b.add(conv(b), b.input('y', [1, 3, 1, 1])), ['Conv', 'Add']],
    [
      'a product that others read stays',
      (b) => {
        const y = conv(b);
        return b.mul(b.add(y, ones(3, 1, 1)), y);
      },
      ['Conv', 'Add', 'Mul'],
    ],
  ])('%s', (_, write, ops) => {
    expect(merged(write)[0]).toEqual(ops);
  });
});
