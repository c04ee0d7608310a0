import { PathwiseError, tensor, type Tensor, type TensorData } from '@pathwise/model';

/** What of a TensorFlow.js tensor is used. Classes are not asked for: there may be two copies of the library. */
export interface LiveTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<unknown>;
}

/** The values of a tensor, copied. */
export async function readLiveTensor(live: LiveTensor, name: string): Promise<Tensor> {
  const values = await live.data();
  const place = { tensor: name };
  const problem = (what: string): PathwiseError =>
    new PathwiseError('UNSUPPORTED_OP', `weight "${name}" ${what}`, place);
  if (!ArrayBuffer.isView(values) || values instanceof DataView) throw problem('holds no numbers');
  const copy = (values as Exclude<TensorData, BigInt64Array>).slice() as TensorData;
  switch (live.dtype) {
    case 'float32':
    case 'int32':
    case 'bool':
      return tensor(live.dtype, live.shape, copy);
    default:
      throw problem(`has type ${live.dtype}; read are float32, int32 and bool`);
  }
}
