import { PathwiseError, toFloat64 } from '@pathwise/model';
import type { OperandInfo } from '@pathwise/graph';

/**
 * The integers of an operand that decides shapes. `name` is the ONNX name of the input.
 * @throws PathwiseError UNSUPPORTED_OP if the operand is absent or not constant.
 */
export function constantInts(operand: OperandInfo | null | undefined, name: string): number[] {
  if (operand?.value === undefined) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `input ${name} must be constant, but it is ${operand ? 'computed from the inputs of the model' : 'absent'}`,
    );
  }
  return Array.from(toFloat64(operand.value.data));
}

/**
 * The one number of an operand that decides shapes.
 * @throws PathwiseError UNSUPPORTED_OP if the operand is absent or not constant, BAD_SHAPE if it holds another count.
 */
export function constantNumber(operand: OperandInfo | null | undefined, name: string): number {
  const values = constantInts(operand, name);
  if (values.length !== 1)
    throw new PathwiseError('BAD_SHAPE', `input ${name} must hold one number, not ${values.length}`);
  return values[0];
}
