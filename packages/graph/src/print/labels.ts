import { sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import type { Attrs, AttrValue, Graph, Node, TensorType } from '../graph.ts';
import type { OpDef, OpSet } from '../op.ts';

/** Constants of at most this many elements are shown by value. */
const SHOWN_ELEMENTS = 8;

/** `float32[1,3,224,224]` */
export function typeLabel({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(',')}]`;
}

/** The value of a small constant, the type of a large one. */
export function constantLabel(value: Tensor): string {
  if (sizeOf(value.shape) > SHOWN_ELEMENTS) return typeLabel(value);
  const numbers = Array.from(toFloat64(value.data), formatNumber);
  if (value.shape.length === 0) return numbers[0] as string;
  return value.shape.length === 1 ? `[${numbers.join(',')}]` : `${typeLabel(value)}{${numbers.join(',')}}`;
}

/** An input as it is shown in a call: its name, or the value of a small constant. */
export function operandLabel(graph: Graph, name: string): string {
  if (name === '') return '-';
  const value = graph.constants.get(name);
  if (value === undefined) return name;
  return sizeOf(value.shape) > SHOWN_ELEMENTS ? `${name}:${typeLabel(value)}` : constantLabel(value);
}

/** `strides=[2,2] mode="reflect"`; where the op is known, without attributes that have their default value. */
export function attrsLabel(attrs: Attrs, op?: OpDef): string {
  return Object.entries(attrs)
    .filter(
      (entry): entry is [string, AttrValue] => entry[1] !== undefined && entry[1] !== op?.attrs[entry[0]]?.default,
    )
    .map(([name, value]) => `${name}=${attrLabel(value)}`)
    .join(' ');
}

function attrLabel(value: AttrValue): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if ('data' in value) return constantLabel(value);
  return `[${value.map((v) => (typeof v === 'number' ? formatNumber(v) : JSON.stringify(v))).join(',')}]`;
}

/** The node's whole line: results, types, op, operands, attributes. */
export function nodeLabel(graph: Graph, node: Node, ops?: OpSet): string {
  const results = node.outputs.map((output) => {
    const type = graph.types.get(output);
    return type === undefined ? '-' : `${output}: ${typeLabel(type)}`;
  });
  const operands = node.inputs.map((input) => operandLabel(graph, input));
  const attrs = attrsLabel(node.attrs, ops?.get(node.op));
  return `${results.join(', ')} = ${node.op}(${operands.join(', ')})${attrs === '' ? '' : ` ${attrs}`}`;
}

/** At most six significant digits. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
