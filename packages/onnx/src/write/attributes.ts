import type { DType, Tensor } from '@pathwise/model';
import type { AttrSpec, AttrValue, Node } from '@pathwise/graph';
import { ops } from '@pathwise/ops';
import { elementTypeOf } from '../tensor/element-type.ts';
import type { Draft } from '../wire/encode.ts';
import type { AttributeProto } from '../wire/messages.ts';
import { tensorDraft } from './tensor.ts';

/** Attributes that name an element type: a word in graphs, a number in files. */
const ELEMENT_TYPES: ReadonlySet<string> = new Set(['to', 'dtype', 'output_dtype', 'output_datatype']);

/** The attributes of a node that differ from nothing: all that have a value. */
export function attributeDrafts({ op, attrs }: Node): Draft<AttributeProto>[] {
  const specs = ops.get(op)?.attrs ?? {};
  return Object.entries(attrs).flatMap(([name, value]) => {
    const spec = specs[name];
    return value === undefined || spec === undefined ? [] : [attributeDraft(name, value, spec)];
  });
}

/** The numbers of kinds are those of AttributeProto.AttributeType in onnx.proto. */
function attributeDraft(name: string, value: AttrValue, { type }: AttrSpec): Draft<AttributeProto> {
  switch (type) {
    case 'float':
      return { name, type: 1, float: Math.fround(value as number) };
    case 'int':
      return { name, type: 2, int: value as number };
    case 'string':
      return ELEMENT_TYPES.has(name)
        ? { name, type: 2, int: elementTypeOf(value as DType) }
        : { name, type: 3, string: utf8(value as string) };
    case 'tensor':
      return { name, type: 4, tensor: tensorDraft(value as Tensor) };
    case 'floats':
      return { name, type: 6, floats: (value as readonly number[]).map(Math.fround) };
    case 'ints':
      return { name, type: 7, ints: value as readonly number[] };
    case 'strings':
      return { name, type: 8, strings: (value as readonly string[]).map(utf8) };
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
