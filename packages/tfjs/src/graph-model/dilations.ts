import { toFloat64 } from '@pathwise/model';
import type { Json } from '../files/json.ts';
import type { GraphDefinition } from './definition.ts';
import type { NodeDef } from './node-def.ts';

const CONVOLUTIONS = new Set(['Conv2D', '_FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative']);

/** Element-wise ops of one moving input: whether they come before or after the pictures are put together is all one. */
const COMMUTING = new Set(
  'Add AddV2 BiasAdd Mul Sub Prelu Identity Relu Relu6 Elu Selu LeakyRelu Sigmoid Tanh Softplus'.split(' '),
);

interface Pattern {
  readonly outer: NodeDef;
  readonly inner: NodeDef;
  readonly conv: NodeDef;
  /** The axis that ExpandDims puts in between, or null. */
  readonly expanded: number | null;
}

/**
 * The nodes with every SpaceToBatchND, convolution, BatchToSpaceND made one dilated convolution: the convolution takes
 * the block as dilations and paddings less crops as margins, the two others pass their input on.
 * @source TensorFlow, documentation of tf.nn.with_space_to_batch
 */
export function fuseDilations(definition: GraphDefinition): ReadonlyMap<string, NodeDef> {
  const { nodes } = definition;
  const outer = [...nodes.values()].filter(({ op }) => op === 'BatchToSpaceND');
  if (outer.length === 0) return nodes;
  const fused = new Map(nodes);
  const readers = readerCounts(definition);
  for (const node of outer) {
    const pattern = patternAt(node, definition, readers);
    const conv = pattern && dilated(pattern, definition);
    if (pattern === undefined || conv === undefined) continue;
    fused.set(conv.name, conv);
    for (const end of [pattern.outer, pattern.inner]) {
      fused.set(end.name, { ...end, op: 'Identity', inputs: end.inputs.slice(0, 1) });
    }
  }
  return fused;
}

function readerCounts({ nodes, outputs }: GraphDefinition): Map<string, number> {
  const counts = new Map<string, number>();
  const read = [...nodes.values()].flatMap(({ inputs }) => inputs).concat(outputs.map(({ from }) => from));
  for (const { node } of read) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

/** Walks from a BatchToSpaceND to its SpaceToBatchND, over nodes that nobody else reads. */
function patternAt(
  outer: NodeDef,
  { nodes, weights }: GraphDefinition,
  readers: ReadonlyMap<string, number>,
): Pattern | undefined {
  let squeezed: NodeDef | undefined;
  let expanded: NodeDef | undefined;
  let conv: NodeDef | undefined;
  const isWeight = (name: string): boolean => nodes.get(name)?.op === 'Const' && weights.has(name);
  for (let node = outer; ;) {
    const moving = node.inputs.filter(({ node: name }) => !isWeight(name));
    const next = moving.length === 1 ? nodes.get(moving[0]?.node ?? '') : undefined;
    if (next === undefined || (readers.get(next.name) ?? 0) !== 1) return undefined;
    if (next.op === 'SpaceToBatchND') {
      if (conv === undefined || (squeezed === undefined) !== (expanded === undefined)) return undefined;
      const axis = expanded === undefined ? null : expandedAxis(expanded, weights);
      return axis === undefined ? undefined : { outer, inner: next, conv, expanded: axis };
    }
    if (next.op === 'Squeeze' && conv === undefined && squeezed === undefined) squeezed = next;
    else if (next.op === 'ExpandDims' && conv !== undefined && expanded === undefined) expanded = next;
    else if (CONVOLUTIONS.has(next.op) && conv === undefined) conv = next;
    // Constants of a whole map would have to be dilated as well.
    else if (!(COMMUTING.has(next.op) && conv === undefined && vectors(next, isWeight, weights))) return undefined;
    node = next;
  }
}

function vectors(node: NodeDef, isWeight: (name: string) => boolean, weights: GraphDefinition['weights']): boolean {
  return node.inputs.every(({ node: name }) => !isWeight(name) || sizesBeforeLast(weights.tensor(name).shape) === 1);
}

function sizesBeforeLast(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((product, size) => product * size, 1);
}

/** The place of the new axis among those of an image, 1 or 2. */
function expandedAxis(node: NodeDef, weights: GraphDefinition['weights']): number | undefined {
  const name = node.inputs[1]?.node;
  const axis = name === undefined ? undefined : Number(toFloat64(weights.tensor(name).data)[0]);
  const place = axis !== undefined && axis < 0 ? axis + 4 : axis;
  return place === 1 || place === 2 ? place : undefined;
}

/** The convolution with dilations and margins; undefined where it is not plain, or the constants do not fit. */
function dilated({ outer, inner, conv, expanded }: Pattern, { weights }: GraphDefinition): NodeDef | undefined {
  const numbers = (node: NodeDef, i: number): number[] | undefined => {
    const name = node.inputs[i]?.node ?? '';
    return weights.has(name) ? Array.from(toFloat64(weights.tensor(name).data)) : undefined;
  };
  const [block, same] = [numbers(inner, 1), numbers(outer, 1)];
  const [paddings, crops] = [numbers(inner, 2), numbers(outer, 2)];
  const { attrs } = conv;
  const plain =
    attrs.string('padding', '') === 'VALID' &&
    attrs.string('data_format', 'NHWC') === 'NHWC' &&
    [...attrs.ints('strides', []), ...attrs.ints('dilations', [])].every((n) => n === 1);
  const rank = expanded === null ? 2 : 1;
  if (!plain || block?.length !== rank || block.join() !== same?.join()) return undefined;
  if (paddings?.length !== 2 * rank || crops?.length !== 2 * rank) return undefined;
  const axes = [1, 2].filter((axis) => axis !== expanded);
  const dilations = [1, 1, 1, 1];
  const margins = new Array<number>(8).fill(0);
  for (const [i, axis] of axes.entries()) {
    dilations[axis] = block[i] as number;
    for (const side of [0, 1]) {
      margins[2 * axis + side] = (paddings[2 * i + side] as number) - (crops[2 * i + side] as number);
    }
  }
  return {
    ...conv,
    attrs: attrs.with({
      dilations: ints(dilations),
      explicit_paddings: ints(margins),
      padding: { s: btoa('EXPLICIT') },
    }),
  };
}

function ints(values: readonly number[]): Json {
  return { list: { i: values } };
}
