import { PathwiseError } from './errors.ts';

/** Element types, named as in ONNX. Reduced floats (float16, bfloat16) are widened to float32 where files are read. */
export type DType =
  | 'float32'
  | 'float64'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool';

/** Sizes of the axes, outermost first; [] is a scalar. */
export type Shape = readonly number[];

export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A tensor: plain data in row-major (C) order. `dtype` is the type in the model; a floating-point
 * tensor may hold its data wider than that (float32 in a Float64Array), never narrower.
 */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const d of shape) size *= d;
  return size;
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64';
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** Row-major strides of a shape, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/**
 * Makes a tensor and checks that the data fill the shape.
 * @throws PathwiseError BAD_SHAPE if they do not.
 */
export function tensor(dtype: DType, shape: Shape, data: TensorData | readonly number[]): Tensor {
  if (data.length !== sizeOf(shape)) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `tensor: shape [${shape.join(',')}] holds ${sizeOf(shape)} elements, got ${data.length}`,
    );
  }
  return { dtype, shape: [...shape], data: Array.isArray(data) ? fromNumbers(dtype, data) : (data as TensorData) };
}

/** float32 tensor from numbers. */
export function float32(shape: Shape, values: ArrayLike<number>): Tensor {
  return tensor('float32', shape, Float32Array.from(values));
}

/** float64 tensor from numbers. */
export function float64(shape: Shape, values: ArrayLike<number>): Tensor {
  return tensor('float64', shape, Float64Array.from(values));
}

/** int64 tensor from integers. */
export function int64(shape: Shape, values: ArrayLike<number>): Tensor {
  return tensor('int64', shape, fromNumbers('int64', values));
}

/** The typed array that holds `dtype` without loss. */
export function allocate(dtype: DType, length: number): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int8':
      return new Int8Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'uint64':
      return new BigUint64Array(length);
  }
}

/** Numbers stored as `dtype`; 64-bit integers beyond 2^63 saturate. */
export function fromNumbers(dtype: DType, values: ArrayLike<number>): TensorData {
  const out = allocate(dtype, values.length);
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) out[i] = toBigInt(values[i] as number, out instanceof BigInt64Array);
  } else {
    for (let i = 0; i < values.length; i++) out[i] = values[i] as number;
  }
  return out;
}

/** The elements as float64; 64-bit integers beyond 2^53 are rounded. Copies unless the data are float64 already. */
export function toFloat64(data: TensorData): Float64Array {
  if (data instanceof Float64Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const out = new Float64Array(data.length);
    for (let i = 0; i < data.length; i++) out[i] = Number(data[i]);
    return out;
  }
  // From an array at once: `Float64Array.from` would step through it.
  return new Float64Array(data);
}

/** The numbers of `data` as floats, as they are where they are floats. */
export function asFloats(data: TensorData): Float32Array | Float64Array {
  return data instanceof Float32Array || data instanceof Float64Array ? data : toFloat64(data);
}

/** Rows [from, to) along the first axis, sharing memory. */
export function rowsOf(t: Tensor, from: number, to: number): Tensor {
  const row = sizeOf(t.shape.slice(1));
  return {
    dtype: t.dtype,
    shape: [to - from, ...t.shape.slice(1)],
    data: t.data.subarray(from * row, to * row) as TensorData,
  };
}

function toBigInt(value: number, signed: boolean): bigint {
  const low = signed ? -(2n ** 63n) : 0n;
  const high = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  if (Number.isNaN(value)) return 0n;
  if (value >= Number(high)) return high;
  if (value <= Number(low)) return low;
  return BigInt(Math.trunc(value));
}
