import { fromNumbers, isFloat, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import type { Attrs, TensorType } from './graph.ts';
import type { OpDef, OperandInfo, Value } from './op.ts';

/** Largest result, in elements, that is folded into a constant. */
const FOLD_LIMIT = 1 << 26;

/** Most multiplications of a folded product of matrices or convolution. */
const WORK_LIMIT = 2 ** 31;

/**
 * The outputs of a node that depend on constants only (or, for ops that are `typeOnly`, on types); null if the node
 * has inputs that are not known, or results too large to keep.
 */
export function foldNode(
  op: OpDef,
  operands: readonly (OperandInfo | null)[],
  attrs: Attrs,
  types: readonly TensorType[],
): Tensor[] | null {
  const known = op.typeOnly === true || operands.every((operand) => operand === null || operand.value !== undefined);
  if (!known || types.some((type) => sizeOf(type.shape) > FOLD_LIMIT) || tooMuchWork(op, operands, types)) return null;
  const values = operands.map((operand) => (operand === null ? null : operandValue(operand)));
  const results = op.forward(values, attrs, types);
  return types.map((type, i) => storeAs(type, results[i] as Float64Array));
}

/** [m, k] times [k, n] takes mkn = sqrt(mk kn mn) multiplications; for convolutions that is an estimate. */
function tooMuchWork(op: OpDef, operands: readonly (OperandInfo | null)[], types: readonly TensorType[]): boolean {
  if (op.relevance !== 'weighted-linear') return false;
  const sizes = [operands[0], operands[1], types[0]].map((t) => sizeOf(t?.shape ?? []));
  return Math.sqrt(sizes.reduce((product, size) => product * size, 1)) > WORK_LIMIT;
}

function operandValue({ dtype, shape, value }: OperandInfo): Value {
  return value === undefined ? { dtype, shape, data: new Float64Array(0) } : valueOf(value);
}

/** A tensor as a value of the float64 evaluation. */
export function valueOf(t: Tensor): Value {
  return { dtype: t.dtype, shape: t.shape, data: toFloat64(t.data) };
}

/** Float64 data as a constant: floats stay float64 (exact), integers take their own type. */
export function storeAs(type: TensorType, data: Float64Array): Tensor {
  return { dtype: type.dtype, shape: type.shape, data: isFloat(type.dtype) ? data : fromNumbers(type.dtype, data) };
}
