import { isFloat, sizeOf, type Tensor } from '@pathwise/model';
import { inputKind, type Attrs } from '@pathwise/graph';
import { ops } from '../src/index.ts';
import { evaluateOp, gradientOp } from './evaluate.ts';

/**
 * The gradient of one op by each of its inputs, for a cotangent of its first output (default: ones); null for inputs
 * that never have one.
 */
export async function gradientAt(
  opName: string,
  inputs: readonly (Tensor | null)[],
  attrs: Attrs = {},
  cotangent?: ArrayLike<number>,
): Promise<(Float64Array | null)[]> {
  const op = ops.get(opName)!;
  const [{ shape }] = evaluateOp(opName, inputs, attrs);
  const data = cotangent === undefined ? new Float64Array(sizeOf(shape)).fill(1) : Float64Array.from(cotangent);
  const wrt = inputs.flatMap((value, i) =>
    value !== null && isFloat(value.dtype) && inputKind(op, i) === 'differentiable' ? [i] : [],
  );
  const gradients = await gradientOp(opName, inputs, { dtype: 'float32', shape, data }, wrt, attrs);
  return inputs.map((_, i) => (wrt.includes(i) ? gradients[wrt.indexOf(i)] : null));
}
