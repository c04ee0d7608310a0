import { PathwiseError, float32, int64, type Tensor } from '@pathwise/model';
import type { Call } from './call.ts';
import type { ImportContext } from './context.ts';
import type { Bound } from './scope.ts';

/** Constant in all its forms becomes a constant of the graph. */
export function importConstant({ attrs, outputs }: Call, { b }: ImportContext): readonly Bound[] {
  return [b.constant(constantValue(attrs), outputs[0])];
}

function constantValue(attrs: Call['attrs']): Tensor {
  const { value, value_float: float, value_floats: floats, value_int: int, value_ints: ints } = attrs;
  if (typeof value === 'object' && 'data' in value) return value;
  if (typeof float === 'number') return float32([], [float]);
  if (typeof int === 'number') return int64([], [int]);
  if (Array.isArray(floats)) return float32([floats.length], floats as number[]);
  if (Array.isArray(ints)) return int64([ints.length], ints as number[]);
  const [name = 'value'] = Object.keys(attrs);
  throw new PathwiseError(
    'UNSUPPORTED_OP',
    `attribute ${name} of this kind is not supported; supported: dense tensors of numbers`,
  );
}
