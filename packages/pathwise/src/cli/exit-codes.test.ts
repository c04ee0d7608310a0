import { expect, test } from 'vitest';
import { PathwiseError, type ErrorCode, type ErrorPlace } from '@pathwise/model';
import { exitCodeOf } from './exit-codes.ts';

const file = { file: 'm.onnx' };

test.each<readonly [ErrorCode, ErrorPlace, number]>([
  ['BAD_ARGUMENT', {}, 2],
  // An attribute in a model file.
  ['BAD_ARGUMENT', file, 4],
  ['BAD_SHAPE', {}, 4],
  ['BAD_FILE', file, 4],
  // A file, or a computation, beyond its limit.
  ['LIMIT_EXCEEDED', file, 4],
  ['LIMIT_EXCEEDED', {}, 5],
  ['UNSUPPORTED_OP', file, 3],
  ['UNSUPPORTED_METHOD', {}, 3],
  ['ENGINE_UNAVAILABLE', {}, 3],
  ['NON_FINITE', {}, 5],
  ['BUDGET', {}, 5],
  ['CANCELLED', {}, 130],
  ['INTERNAL', {}, 70],
])('%s %o', (code, place, expected) => {
  expect(exitCodeOf(new PathwiseError(code, '', place))).toBe(expected);
});

test('any other exception is a fault of the program', () => {
  expect(exitCodeOf(new RangeError('x'))).toBe(70);
  expect(exitCodeOf('x')).toBe(70);
});
