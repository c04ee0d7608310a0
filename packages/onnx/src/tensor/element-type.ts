import { PathwiseError, type DType, type ErrorPlace } from '@pathwise/model';

/** Names of ONNX's element types by their number. Source: TensorProto.DataType of onnx.proto. */
const NAMES: readonly string[] = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8e4m3fn',
  'float8e4m3fnuz',
  'float8e5m2',
  'float8e5m2fnuz',
  'uint4',
  'int4',
  'float4e2m1',
  'float8e8m0',
  'uint2',
  'int2',
];

const DTYPES: ReadonlySet<string> = new Set<DType>([
  'float32',
  'float64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
]);

/** Name of an element type as it is in the file. */
export function elementTypeName(code: number): string {
  return NAMES[code] ?? `type ${code}`;
}

/**
 * The type in graphs of an element type of the file: float16 and bfloat16 become float32.
 * @throws PathwiseError UNSUPPORTED_OP for types that graphs do not have, by name
 */
export function dtypeOf(code: number, place: ErrorPlace = {}): DType {
  const name = elementTypeName(code);
  if (name === 'float16' || name === 'bfloat16') return 'float32';
  if (DTYPES.has(name)) return name as DType;
  throw new PathwiseError('UNSUPPORTED_OP', `element type ${name} is not supported`, place);
}

/** The type that Cast-1 names by a word such as FLOAT. */
export function dtypeOfWord(word: string): DType {
  const lower = word.toLowerCase();
  const name = lower === 'float' ? 'float32' : lower === 'double' ? 'float64' : lower;
  return dtypeOf(NAMES.indexOf(name));
}

/** The number of an element type in files. */
export function elementTypeOf(dtype: DType): number {
  return NAMES.indexOf(dtype);
}
