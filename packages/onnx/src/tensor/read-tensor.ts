import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { allocate, PathwiseError, type DType, type Shape, type Tensor, type TensorData } from '@pathwise/model';
import { limitError, type OnnxLimits } from '../limits.ts';
import { assertInside } from '../wire/decode.ts';
import type { TensorProto } from '../wire/messages.ts';
import { dtypeOf, elementTypeName } from './element-type.ts';
import { externalBytes, isExternal, type ExternalDataReader } from './external-data.ts';
import { widenBfloat16, widenFloat16 } from './reduced-floats.ts';

/** What reading a tensor needs of the model's file. */
export interface TensorContext {
  readonly file: Uint8Array;
  readonly limits: OnnxLimits;
  readonly externalData: ExternalDataReader | undefined;
}

/**
 * The tensor of a message, float16 and bfloat16 widened to float32. Shares the file's memory where the alignment allows.
 * @throws PathwiseError BAD_FILE where shape and data disagree, UNSUPPORTED_OP for an element type, by name
 */
export function readTensor(proto: TensorProto, context: TensorContext): Tensor {
  const name = proto.name ?? '';
  const place = { tensor: name, offset: proto.start };
  const dtype = typed(name, () => dtypeOf(proto.dataType ?? 0, place));
  if (proto.segment !== undefined) {
    throw new PathwiseError('UNSUPPORTED_OP', `tensor "${name}": data in segments are not supported`, place);
  }
  const elementType = elementTypeName(proto.dataType ?? 0);
  const size = checkedSize(proto, context.limits);
  const reduced = elementType === 'float16' || elementType === 'bfloat16';
  const bytes = reduced ? 2 : BYTES[dtype];
  if (isExternal(proto)) {
    return make(dtype, elementType, proto.dims, externalBytes(proto, size * bytes, context.externalData));
  }
  if (proto.rawData !== undefined) {
    if (proto.rawData.length !== size * bytes)
      throw mismatch(proto, `${size * bytes} bytes`, `${proto.rawData.length}`);
    return make(dtype, elementType, proto.dims, proto.rawData);
  }
  const stored = reduced ? new Uint16Array(boundedCount(proto, size)) : allocate(dtype, boundedCount(proto, size));
  readTypedData(proto, context.file, stored, dtype);
  return { dtype, shape: [...proto.dims], data: widen(elementType, stored) };
}

/** Bytes of an element in raw data. */
const BYTES: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

function typed<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PathwiseError)) throw error;
    throw new PathwiseError(error.code, `tensor "${name}": ${error.message}`, error.place, { cause: error });
  }
}

function checkedSize(proto: TensorProto, limits: OnnxLimits): number {
  const place = { tensor: proto.name ?? '', offset: proto.start };
  let size = 1;
  // An empty tensor must not hide absurd sizes either.
  let bound = 1;
  for (const d of proto.dims) {
    if (d < 0) {
      throw new PathwiseError(
        'BAD_FILE',
        `tensor "${proto.name ?? ''}": a size of [${proto.dims.join(',')}] is negative`,
        place,
      );
    }
    size *= d;
    bound *= Math.max(d, 1);
  }
  if (bound > limits.tensorElements) {
    throw limitError(
      'tensorElements',
      `tensor "${proto.name ?? ''}": shape [${proto.dims.join(',')}] is too large`,
      limits.tensorElements,
      place,
    );
  }
  return size;
}

/** Every element takes at least a byte of the message: what is larger cannot be true, and no memory is taken for it. */
function boundedCount(proto: TensorProto, size: number): number {
  if (size > proto.end - proto.start) throw mismatch(proto, `${size} elements`, 'fewer');
  return size;
}

function mismatch(proto: TensorProto, needed: string, got: string): PathwiseError {
  const name = proto.name ?? '';
  return new PathwiseError(
    'BAD_FILE',
    `tensor "${name}": shape [${proto.dims.join(',')}] needs ${needed}, its data have ${got}`,
    {
      tensor: name,
      offset: proto.start,
    },
  );
}

function make(dtype: DType, elementType: string, shape: Shape, bytes: Uint8Array): Tensor {
  const reduced = elementType === 'float16' || elementType === 'bfloat16';
  const view = viewAs(reduced ? 'uint16' : dtype, bytes);
  if (dtype === 'bool')
    for (let i = 0; i < view.length; i++) if ((view[i] as number) > 1) return normalizedBool(shape, view);
  return { dtype, shape: [...shape], data: widen(elementType, view) };
}

function normalizedBool(shape: Shape, data: TensorData): Tensor {
  return { dtype: 'bool', shape: [...shape], data: Uint8Array.from(data as Uint8Array, (v) => Number(v !== 0)) };
}

function widen(elementType: string, data: TensorData): TensorData {
  if (elementType === 'float16') return widenFloat16(data as Uint16Array);
  return elementType === 'bfloat16' ? widenBfloat16(data as Uint16Array) : data;
}

/** Little-endian bytes as a typed array: a view where they are aligned, else a copy. */
function viewAs(dtype: DType, bytes: Uint8Array): TensorData {
  const aligned = bytes.byteOffset % BYTES[dtype] === 0 ? bytes : new Uint8Array(bytes);
  const buffer = aligned.buffer as ArrayBuffer;
  const length = bytes.length / BYTES[dtype];
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, aligned.byteOffset, length);
    case 'float64':
      return new Float64Array(buffer, aligned.byteOffset, length);
    case 'int8':
      return new Int8Array(buffer, aligned.byteOffset, length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(buffer, aligned.byteOffset, length);
    case 'int16':
      return new Int16Array(buffer, aligned.byteOffset, length);
    case 'uint16':
      return new Uint16Array(buffer, aligned.byteOffset, length);
    case 'int32':
      return new Int32Array(buffer, aligned.byteOffset, length);
    case 'uint32':
      return new Uint32Array(buffer, aligned.byteOffset, length);
    case 'int64':
      return new BigInt64Array(buffer, aligned.byteOffset, length);
    case 'uint64':
      return new BigUint64Array(buffer, aligned.byteOffset, length);
  }
}

/** The field that holds the elements of each type. Source: comments of TensorProto in onnx.proto. */
const DATA_FIELD: Readonly<Record<DType, number>> = {
  float32: 4,
  int32: 5,
  int16: 5,
  int8: 5,
  uint16: 5,
  uint8: 5,
  bool: 5,
  int64: 7,
  float64: 10,
  uint32: 11,
  uint64: 11,
};

/** Fills `out` from the typed list of the message (float_data, int32_data ...), packed or not. */
function readTypedData(proto: TensorProto, file: Uint8Array, out: TensorData, dtype: DType): void {
  const field = out instanceof Uint16Array ? DATA_FIELD.uint16 : DATA_FIELD[dtype];
  const reader = new BinaryReader(file.subarray(proto.start, proto.end));
  let count = 0;
  const put = (from: BinaryReader): void => {
    if (count === out.length) throw mismatch(proto, `${out.length} elements`, 'more');
    out[count++] = readElement(from, field, dtype) as never;
    assertInside(from);
  };
  try {
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      if (number !== field) reader.skip(wire, number);
      else if (wire !== WireType.LengthDelimited) put(reader);
      else {
        const packed = new BinaryReader(reader.bytes());
        while (packed.pos < packed.len) put(packed);
      }
    }
  } catch (error) {
    if (error instanceof PathwiseError) throw error;
    throw mismatch(proto, 'whole elements', 'a cut one');
  }
  if (count !== out.length) throw mismatch(proto, `${out.length} elements`, `${count}`);
}

function readElement(reader: BinaryReader, field: number, dtype: DType): number | bigint {
  if (field === 4) return reader.float();
  if (field === 10) return reader.double();
  if (field === 7) return BigInt(reader.int64());
  if (field === 11) return dtype === 'uint64' ? BigInt(reader.uint64()) : Number(reader.uint64());
  const value = reader.int32();
  return dtype === 'bool' ? Number(value !== 0) : value;
}
