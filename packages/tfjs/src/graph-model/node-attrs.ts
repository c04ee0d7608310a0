import { PathwiseError, type DType } from '@pathwise/model';
import { show } from '../files/fields.ts';
import { isObject, type Json, type JsonObject } from '../files/json.ts';

/** TensorFlow's numbers of element types in old files (types.proto). */
const NUMBERED: Readonly<Record<number, string>> = {
  1: 'DT_FLOAT',
  2: 'DT_DOUBLE',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  5: 'DT_INT16',
  6: 'DT_INT8',
  7: 'DT_STRING',
  9: 'DT_INT64',
  10: 'DT_BOOL',
  14: 'DT_BFLOAT16',
  19: 'DT_HALF',
};

/** TensorFlow.js computes in float32, int32 and bool only; its models do as well. */
const DTYPES: Readonly<Record<string, DType | undefined>> = {
  __proto__: null as never,
  DT_FLOAT: 'float32',
  DT_DOUBLE: 'float32',
  DT_HALF: 'float32',
  DT_BFLOAT16: 'float32',
  DT_INT8: 'int32',
  DT_UINT8: 'int32',
  DT_INT16: 'int32',
  DT_INT32: 'int32',
  DT_INT64: 'int32',
  DT_BOOL: 'bool',
};

/** @throws PathwiseError UNSUPPORTED_OP for strings, complex numbers and resources */
export function dtypeOf(type: Json | undefined, what: string): DType {
  const name = typeof type === 'number' ? NUMBERED[type] : type;
  const dtype = typeof name === 'string' ? DTYPES[name] : undefined;
  if (dtype !== undefined) return dtype;
  throw new PathwiseError('UNSUPPORTED_OP', `${what} has element type ${show(type)}, which graphs do not have`);
}

/** The sizes of a TensorShapeProto as JSON (-1: not known), or null for an unknown rank. */
export function shapeOf(json: Json | undefined): number[] | null {
  if (!isObject(json)) return null;
  const { dim, unknownRank } = { dim: own(json, 'dim'), unknownRank: own(json, 'unknownRank') };
  if (unknownRank === true) return null;
  if (dim === undefined) return [];
  if (!Array.isArray(dim)) throw misfit('shape', 'a list of sizes', dim as Json);
  return (dim as Json[]).map((entry) => {
    const size = whole(isObject(entry) ? own(entry, 'size') : undefined);
    if (size === undefined || size < -1) throw misfit('shape', 'sizes of at least -1', entry);
    return size;
  });
}

/** The attributes of a node, as protobuf writes them in JSON; an attribute that is absent has the default given. */
export class NodeAttrs {
  readonly #attrs: JsonObject;

  constructor(attrs: Json | undefined) {
    this.#attrs = isObject(attrs) ? attrs : {};
  }

  /** The same attributes with some others in their place. */
  with(attrs: JsonObject): NodeAttrs {
    return new NodeAttrs({ ...this.#attrs, ...attrs });
  }

  has(name: string): boolean {
    return own(this.#attrs, name) !== undefined;
  }

  string(name: string, absent?: string): string {
    const value = this.#value(name, 's');
    if (value === undefined && absent !== undefined) return absent;
    const text = textOf(value);
    if (text === undefined) throw misfit(name, 'text', value);
    return text;
  }

  /** One of the values given. */
  oneOf<T extends string>(name: string, values: readonly T[], absent?: T): T {
    const text = this.string(name, absent);
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `attribute ${name} = "${text}" is not supported; supported: ${values.join(', ')}`,
    );
  }

  int(name: string, absent?: number): number {
    const value = this.#value(name, 'i');
    const number = value === undefined ? absent : whole(value);
    if (number === undefined) throw misfit(name, 'a whole number', value);
    return number;
  }

  float(name: string, absent?: number): number {
    const value = this.#value(name, 'f');
    const number = value === undefined ? absent : Number(value);
    if (number === undefined || Number.isNaN(number)) throw misfit(name, 'a number', value);
    return number;
  }

  bool(name: string, absent?: boolean): boolean {
    const value = this.#value(name, 'b') ?? absent;
    if (typeof value !== 'boolean') throw misfit(name, 'true or false', value);
    return value;
  }

  dtype(name: string, absent?: DType): DType {
    const value = this.#value(name, 'type');
    return value === undefined && absent !== undefined ? absent : dtypeOf(value, `attribute ${name}`);
  }

  /** Sizes with -1 for those that are not known; null for an unknown rank or an absent attribute. */
  shape(name: string): number[] | null {
    return shapeOf(this.#value(name, 'shape'));
  }

  ints(name: string, absent?: readonly number[]): readonly number[] {
    const list = this.#list(name, 'i');
    if (list === undefined && absent !== undefined) return absent;
    return (list ?? []).map((value) => {
      const number = whole(value);
      if (number === undefined) throw misfit(name, 'whole numbers', value);
      return number;
    });
  }

  strings(name: string): readonly string[] {
    return (this.#list(name, 's') ?? []).map((value) => {
      const text = textOf(value);
      if (text === undefined) throw misfit(name, 'texts', value);
      return text;
    });
  }

  #value(name: string, kind: string): Json | undefined {
    const attr = own(this.#attrs, name);
    return isObject(attr) ? own(attr, kind) : undefined;
  }

  #list(name: string, kind: string): readonly Json[] | undefined {
    const list = this.#value(name, 'list');
    if (list === undefined) return undefined;
    const values = isObject(list) ? (own(list, kind) ?? []) : list;
    if (!Array.isArray(values)) throw misfit(name, 'a list', list);
    return values as readonly Json[];
  }
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
}

/** 64-bit integers are decimal strings; old files have numbers. */
function whole(value: Json | undefined): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** Text is base64; objects that TensorFlow.js loaded may hold the bytes. */
function textOf(value: Json | undefined): string | undefined {
  if (Array.isArray(value)) return String.fromCharCode(...(value as number[]));
  if (typeof value !== 'string') return undefined;
  try {
    return atob(value);
  } catch {
    return undefined;
  }
}

function misfit(name: string, expected: string, got: Json | undefined): PathwiseError {
  return new PathwiseError('BAD_FILE', `expected ${expected} for attribute ${name}, got ${show(got)}`);
}
