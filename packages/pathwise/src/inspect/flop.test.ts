import { expect, test } from 'vitest';
import { float32 } from '@pathwise/model';
import { graphBuilder } from '@pathwise/ops';
import { flopOf } from './flop.ts';

const filled = (...shape: number[]) => float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

function count(op: string, inputs: readonly (readonly number[] | ReturnType<typeof filled>)[], attrs = {}): number {
  const b = graphBuilder();
  const names = inputs.map((input, i) => ('data' in input ? b.constant(input) : b.input(`x${i}`, input)));
  return flopOf(b.build(b.apply(op, names, attrs)));
}

// Two operations for each multiplication with addition, counted by hand.
test.each([
  // 4 channels of 6 x 6 results, each over 3 x 3 x 3 inputs.
  ['Conv', 2 * (4 * 6 * 6) * 27, () => count('Conv', [[1, 3, 8, 8], filled(4, 3, 3, 3)])],
  // Two groups: each result sees 2 of the 4 channels.
  ['Conv, groups', 2 * (4 * 8 * 8) * 2, () => count('Conv', [[1, 4, 8, 8], filled(4, 2, 1, 1)], { group: 2 })],
  // Each of 2 x 5 x 5 inputs is spread over 3 channels of 2 x 2.
  ['ConvTranspose', 2 * (2 * 5 * 5) * 12, () => count('ConvTranspose', [[1, 2, 5, 5], filled(2, 3, 2, 2)])],
  ['MatMul', 2 * 3 * 5 * 4, () => count('MatMul', [[1, 3, 4], filled(4, 5)])],
  ['Gemm', 2 * 6 * 7, () => count('Gemm', [[1, 6], filled(7, 6)], { transB: 1 })],
  ['Einsum', 2 * 2 * 4 * 3, () => count('Einsum', [[1, 2, 3], filled(3, 4)], { equation: 'bij,jk->bik' })],
  [
    'Einsum with an ellipsis',
    2 * 2 * 4 * 3,
    () => count('Einsum', [[1, 2, 3], filled(3, 4)], { equation: '...j,jk->...k' }),
  ],
  ['Relu', 12, () => count('Relu', [[1, 12]])],
  ['Transpose', 0, () => count('Transpose', [[1, 12]], { perm: [1, 0] })],
])('%s', (_, expected, actual) => {
  expect(actual()).toBe(expected);
});
