import { PathwiseError } from '@pathwise/model';
import type { AttrValue } from '@pathwise/graph';
import { readTensor, type TensorContext } from '../tensor/read-tensor.ts';
import type { AttributeProto, GraphProto, NodeProto } from '../wire/messages.ts';
import type { Scope } from './scope.ts';

/** A sub-graph of a node, and the scope whose names it sees. */
export interface Subgraph {
  readonly graph: GraphProto;
  readonly scope: Scope;
}

export interface NodeAttributes {
  readonly attrs: Readonly<Record<string, AttrValue>>;
  readonly graphs: Readonly<Record<string, Subgraph>>;
}

/** Numbers of AttributeProto.AttributeType in onnx.proto. */
const [FLOAT, INT, STRING, TENSOR, GRAPH, FLOATS, INTS, STRINGS] = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/**
 * The attributes of a node; in the body of a function, references to the attributes of the call are replaced.
 * @throws PathwiseError BAD_FILE for a name given twice, UNSUPPORTED_OP for kinds of attribute that no op takes
 */
export function readAttributes(node: NodeProto, scope: Scope, context: TensorContext): NodeAttributes {
  const attrs: Record<string, AttrValue> = Object.create(null) as Record<string, AttrValue>;
  const graphs: Record<string, Subgraph> = Object.create(null) as Record<string, Subgraph>;
  for (const attribute of node.attributes) {
    const name = attribute.name ?? '';
    if (name in attrs || name in graphs) throw new PathwiseError('BAD_FILE', `attribute ${name} is given twice`);
    const value = referred(attribute, scope);
    if (value === undefined) continue;
    const type = typeOfAttribute(value);
    if (type === GRAPH && value.graph !== undefined) {
      // A graph that was passed to a function sees the names of the caller.
      graphs[name] = { graph: value.graph, scope: value === attribute ? scope : (scope.caller ?? scope) };
    } else attrs[name] = plainValue(value, type, name, context);
  }
  return { attrs, graphs };
}

/** The attribute, or the one of the call that it refers to; undefined where the call has none. */
export function referred(attribute: AttributeProto, scope: Scope): AttributeProto | undefined {
  const { referTo } = attribute;
  return referTo === undefined || referTo === '' ? attribute : scope.callAttributes?.get(referTo);
}

/** Files of IR version 1 leave the type out: it is that of the field which is set. */
function typeOfAttribute(a: AttributeProto): number {
  if (a.type !== undefined && a.type !== 0) return a.type;
  if (a.graph !== undefined) return GRAPH;
  if (a.tensor !== undefined) return TENSOR;
  if (a.string !== undefined) return STRING;
  if (a.float !== undefined) return FLOAT;
  if (a.floats.length > 0) return FLOATS;
  if (a.strings.length > 0) return STRINGS;
  return a.ints.length > 0 ? INTS : INT;
}

function plainValue(a: AttributeProto, type: number, name: string, context: TensorContext): AttrValue {
  switch (type) {
    case FLOAT:
      return a.float ?? 0;
    case INT:
      return a.int ?? 0;
    case STRING:
      return text(a.string);
    case FLOATS:
      return a.floats;
    case INTS:
      return a.ints;
    case STRINGS:
      return a.strings.map(text);
    case TENSOR:
      if (a.tensor !== undefined) return readTensor(a.tensor, context);
  }
  throw new PathwiseError('UNSUPPORTED_OP', `attribute ${name} is of a kind (${type}) that is not supported`);
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array(0));
}
