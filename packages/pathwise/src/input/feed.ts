import {
  allocate,
  argumentError,
  isFloat,
  shapeError,
  sizeOf,
  toFloat64,
  type DType,
  type InputInfo,
  type Shape,
  type Tensor,
  type TensorData,
} from '@pathwise/model';

/** How far a value's shape may be from the model's: `exact`, or `flat` where the last axis holds a whole row. */
export type Fit = 'exact' | 'flat';

/**
 * A tensor as the feed of an input: the input's type, one row or more. The batch axis may be absent for one row.
 * @throws PathwiseError BAD_SHAPE where the shape does not fit, BAD_ARGUMENT where the values do not
 */
export function toFeed(input: InputInfo, value: Tensor, fit: Fit = 'exact'): Tensor {
  const shape = fitShape(input, value.shape, fit);
  return { dtype: input.dtype, shape, data: convert(value, input) };
}

/** A bare typed array: as many rows as it fills. */
export function arrayToFeed(input: InputInfo, data: TensorData): Tensor {
  const row = input.batched ? input.shape.slice(1) : input.shape;
  if (!row.every((d) => typeof d === 'number')) {
    throw shapeError('explain', `input "${input.name}"`, `[${input.shape.join(',')}]`, [data.length], 'Give a tensor');
  }
  const size = sizeOf(row as number[]);
  const rows = data.length / size;
  const fits = input.batched ? Number.isInteger(rows) && rows > 0 : rows === 1;
  if (!fits) throw misfit(input, [data.length]);
  const shape = input.batched ? [rows, ...(row as number[])] : (row as number[]);
  return { dtype: input.dtype, shape, data: convert({ dtype: dtypeOf(data), shape, data }, input) };
}

function fitShape(input: InputInfo, shape: Shape, fit: Fit): Shape {
  if (matches(input.shape, shape, input.batched)) return shape;
  if (input.batched && matches(input.shape.slice(1), shape, false)) return [1, ...shape];
  const row = input.shape.slice(1);
  const [rows, width] = shape;
  if (
    fit === 'flat' &&
    input.batched &&
    rows !== undefined &&
    width !== undefined &&
    row.every((d) => typeof d === 'number')
  ) {
    if (sizeOf(row as number[]) === width) return [rows, ...(row as number[])];
  }
  throw misfit(input, shape);
}

function matches(wanted: readonly (number | string)[], shape: Shape, batched: boolean): boolean {
  const fits = (d: number, axis: number): boolean =>
    (batched && axis === 0) || typeof wanted[axis] === 'string' || wanted[axis] === d;
  return wanted.length === shape.length && shape.every(fits);
}

function misfit(input: InputInfo, shape: Shape): Error {
  const wanted = input.batched ? ['rows', ...input.shape.slice(1)] : input.shape;
  return shapeError('explain', `input "${input.name}"`, `[${wanted.join(',')}]`, shape, adviceFor(wanted, shape));
}

/** The commonest mistake is the place of the channels. */
function adviceFor(wanted: readonly (number | string)[], shape: Shape): string {
  const sorted = (list: readonly (number | string)[]): string => list.map(String).sort().join();
  const row = shape.length === wanted.length ? shape.slice(1) : shape;
  return sorted(wanted.slice(1)) === sorted(row) ? 'The axes are in another order: transpose it' : '';
}

function convert({ dtype, data }: Tensor, input: InputInfo): TensorData {
  if (isFloat(input.dtype)) {
    const out = allocate(input.dtype, data.length) as Float32Array | Float64Array;
    out.set(toFloat64(data));
    return out;
  }
  if (dtype === input.dtype) return data;
  return toIntegers(toFloat64(data), input);
}

function toIntegers(values: Float64Array, { name, dtype }: InputInfo): TensorData {
  const [low, high] = RANGES[dtype as keyof typeof RANGES];
  const bad = values.findIndex((v) => !Number.isInteger(v) || v < low || v > high);
  if (bad >= 0)
    throw argumentError('explain', `input "${name}" of type ${dtype}`, 'integers in its range', values[bad]);
  const out = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++)
    out[i] = (typeof out[0] === 'bigint' ? BigInt(values[i] as number) : values[i]) as never;
  return out;
}

const RANGES: Readonly<Record<Exclude<DType, 'float32' | 'float64'>, readonly [number, number]>> = {
  bool: [0, 1],
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  // Beyond 2^53 a float64 no longer tells neighbours apart.
  int64: [-(2 ** 53), 2 ** 53],
  uint64: [0, 2 ** 53],
};

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof BigUint64Array) return 'uint64';
  return 'float64';
}
