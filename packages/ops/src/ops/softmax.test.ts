import { expect, test } from 'vitest';
import { float64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';

// Closed form: exp of log 1, log 2, log 5 is 1, 2, 5 with sum 8; a common shift changes nothing.
const x = float64([1, 3, 2], [0, 1000, Math.log(2), 1000 + Math.log(2), Math.log(5), 1000 + Math.log(5)]);
const P = [1 / 8, 1 / 8, 2 / 8, 2 / 8, 5 / 8, 5 / 8];

test('Softmax along an inner axis, also of logits whose exp overflows', () => {
  expect(evaluateOp('Softmax', [x], { axis: 1 })[0].data).toBeClose(P, { rtol: 1e-12 });
});

test('LogSoftmax', () => {
  expect(evaluateOp('LogSoftmax', [x], { axis: 1 })[0].data).toBeClose(P.map(Math.log), { rtol: 1e-12 });
  expect(evaluateOp('LogSoftmax', [float64([2], [0, 1000])])[0].data).toBeClose([-1000, 0]);
});

test('Hardmax: the first largest', () => {
  expect(evaluateOp('Hardmax', [float64([2, 3], [1, 3, 3, -1, -2, -1])])[0].data).toBeClose([0, 1, 0, 1, 0, 0]);
});

test('an axis out of range', () => {
  expect(() => evaluateOp('Softmax', [x], { axis: 3 })).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: node "Softmax_0" (Softmax): axes: expected an integer in [-3, 2] for axis, got 3]`,
  );
});
