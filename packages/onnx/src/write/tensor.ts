import { fromNumbers, type Tensor } from '@pathwise/model';
import { elementTypeOf } from '../tensor/element-type.ts';
import type { Draft } from '../wire/encode.ts';
import type { TensorProto } from '../wire/messages.ts';

/** A tensor with its elements as raw bytes (little-endian), rounded to its type where they are held wider. */
export function tensorDraft({ dtype, shape, data }: Tensor, name?: string): Draft<TensorProto> {
  const narrowed = dtype === 'float32' && data instanceof Float64Array ? fromNumbers(dtype, data) : data;
  const rawData = new Uint8Array(narrowed.buffer, narrowed.byteOffset, narrowed.byteLength);
  return { dims: shape, dataType: elementTypeOf(dtype), ...(name === undefined ? {} : { name }), rawData };
}
