import { isFloat, sizeOf, type DType, type Shape, type Tensor } from '@pathwise/model';
import type { MessageType } from '../src/wire/decode.ts';
import { encode as encodeMessage, type Draft as DraftOf } from '../src/wire/encode.ts';
import { modelType } from '../src/wire/messages.ts';

/** A message to write: the fields of its type, in the shape that the decoder gives, all optional; not checked. */
export type Draft = { readonly [field: string]: unknown };

/** Bytes of a message, well-formed or not. Field `extra` holds bytes to append as they are. */
export function encode<T>(type: MessageType<T>, draft: Draft): Uint8Array {
  const bytes = encodeMessage(type, draft as DraftOf<T>);
  return draft['extra'] instanceof Uint8Array ? new Uint8Array([...bytes, ...draft['extra']]) : bytes;
}

/** Numbers of ONNX's element types. Source: TensorProto.DataType of onnx.proto. */
export const ELEMENT: Readonly<Record<DType | 'float16' | 'bfloat16' | 'string' | 'int4' | 'float8', number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  float8: 17,
  int4: 22,
};

export function tensorDraft(name: string, { dtype, shape, data }: Tensor): Draft {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: shape, dataType: ELEMENT[dtype], rawData: bytes };
}

/** A value info; sizes may be symbols, or null for one that is left open. A shape of null leaves the rank open. */
export function value(
  name: string,
  shape: readonly (number | string | null)[] | null,
  elementType: number = ELEMENT.float32,
): Draft {
  const dims = shape?.map((d) => (d === null ? {} : typeof d === 'number' ? { value: d } : { symbol: d }));
  return { name, type: { tensor: { elementType, ...(dims === undefined ? {} : { shape: { dims } }) } } };
}

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { graph: Draft }
  | { tensor: Draft }
  | { ref: string; type: number };

/** Integers and lists of integers, strings, and what is said to be something else. */
function attribute(name: string, v: AttributeValue): Draft {
  if (typeof v === 'number') return { name, type: 2, int: v };
  if (typeof v === 'string') return { name, type: 3, string: new TextEncoder().encode(v) };
  if ('float' in v) return { name, type: 1, float: v.float };
  if ('floats' in v) return { name, type: 6, floats: v.floats };
  if ('graph' in v) return { name, type: 5, graph: v.graph };
  if ('tensor' in v) return { name, type: 4, tensor: v.tensor };
  if ('ref' in v) return { name, type: v.type, referTo: v.ref };
  return { name, type: 7, ints: v };
}

export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attrs: Readonly<Record<string, AttributeValue>> = {},
  more: Draft = {},
): Draft {
  const attributes = Object.entries(attrs).map(([name, v]) => attribute(name, v));
  return { op, inputs, outputs, name: `${op}:${outputs[0]}`, attributes, ...more };
}

export interface ModelDraft {
  readonly nodes?: readonly Draft[];
  readonly inputs?: readonly Draft[];
  readonly outputs?: readonly Draft[];
  readonly initializers?: readonly Draft[];
  readonly valueInfos?: readonly Draft[];
  readonly opset?: number;
  /** Further operator sets, by domain. */
  readonly domains?: Readonly<Record<string, number>>;
  readonly irVersion?: number;
  readonly functions?: readonly Draft[];
  readonly graph?: Draft;
  readonly extra?: Uint8Array;
}

/** Bytes of a model file. */
export function modelFile(draft: ModelDraft): Uint8Array {
  const {
    nodes = [],
    inputs = [],
    outputs = [],
    initializers = [],
    valueInfos = [],
    opset = 21,
    irVersion = 10,
  } = draft;
  const opsetImports = [
    { domain: '', version: opset },
    ...Object.entries(draft.domains ?? {}).map(([domain, version]) => ({ domain, version })),
  ];
  return encode(modelType, {
    irVersion,
    opsetImports: irVersion < 3 ? [] : opsetImports,
    functions: draft.functions ?? [],
    graph: { name: 'test', nodes, inputs, outputs, initializers, valueInfos, ...draft.graph },
    ...(draft.extra === undefined ? {} : { extra: draft.extra }),
  });
}

export function subgraph(
  nodes: readonly Draft[],
  inputs: readonly string[],
  outputs: readonly string[],
): { graph: Draft } {
  return {
    graph: {
      name: 'body',
      nodes,
      inputs: inputs.map((name) => ({ name })),
      outputs: outputs.map((name) => ({ name })),
    },
  };
}

/** 0, 1, 2 … as float32, or as another type. */
export function counting(shape: Shape, dtype: 'float32' | 'int64' = 'float32'): Tensor {
  const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => i);
  return isFloat(dtype)
    ? { dtype, shape, data: Float32Array.from(numbers) }
    : { dtype, shape, data: BigInt64Array.from(numbers, BigInt) };
}
