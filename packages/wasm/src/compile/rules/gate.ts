import { sameShape, sizeOf } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import type { Emitter } from '../emitter.ts';
import { STEP } from '../step.ts';
import { denseStrides, memoryOrder, type View } from '../view.ts';

/** Elements whose bits take the memory of one element of eight floats. */
const BITS_PER_ELEMENT = 32;

/** A mask of an activation's gradient: where a tensor lies above or below a bound. */
interface Gate {
  readonly tensor: string;
  readonly side: 'above' | 'below';
  readonly bound: number;
}

/** What a tensor is when it is Cast(Greater(y, bound)) or Cast(Less(y, bound)) with a known bound, else null. */
export function gateOf(e: Emitter, name: string): Gate | null {
  const cast = e.producer(name);
  const comparison = cast?.op === 'Cast' ? e.producer(cast.inputs[0]) : undefined;
  if (comparison === undefined || !['Greater', 'Less'].includes(comparison.op)) return null;
  const bound = scalarOf(e, comparison, 1);
  if (bound === null) return null;
  return { tensor: comparison.inputs[0], side: comparison.op === 'Greater' ? 'above' : 'below', bound };
}

/** Input `i` of a node where it is one known number that leaves the shape of input 0 as it is. */
export function scalarOf(e: Emitter, node: Node, i: number): number | null {
  const constant = e.constantOf(node, i);
  const fits = constant?.data.length === 1 && constant.shape.length <= e.type(node.inputs[0]).shape.length;
  return fits ? Number(constant.data[0]) : null;
}

/** x where the gate is open, 0 elsewhere, in one step. Only the bits of the mask are kept until then, not the tensor. */
export function gated(e: Emitter, gate: Gate, x: View): View {
  const y = e.view(gate.tensor);
  if (!isDense(y) || !sameShape(x.shape, y.shape)) {
    return e.map(gate.side === 'above' ? 'gateAbove' : 'gateBelow', [y, x], gate.bound);
  }
  const order = memoryOrder(y.strides);
  const from = e.ordered(x, order);
  const [bits] = e.once(`bits ${gate.side} ${gate.bound} ${gate.tensor}`, () => [signBits(e, gate, y)]);
  const target = e.allocate(y.shape, order);
  const places = [target, from, bits].map(({ buffer, offset }) => ({ buffer: buffer!, offset }));
  const reusable = from.offset === 0 && from.buffer !== null ? [from.buffer] : [];
  e.emit(STEP.bitGate, [sizeOf(y.shape), ...places], [from, bits], [target], { reusable });
  return target;
}

function signBits(e: Emitter, { side, bound }: Gate, y: View): View {
  const count = sizeOf(y.shape);
  const bits = e.allocate([Math.ceil(count / BITS_PER_ELEMENT)]);
  const places = [y, bits].map(({ buffer, offset }) => ({ buffer: buffer!, offset }));
  e.emitAfter(y, STEP.signBits, [side === 'below' ? 1 : 0, { float: bound }, count, ...places], [y], [bits]);
  return bits;
}

/** Whether the elements fill their memory without gaps, in any order of the axes. */
function isDense({ buffer, shape, strides }: View): boolean {
  const dense = denseStrides(shape, memoryOrder(strides));
  return buffer !== null && shape.every((size, axis) => size === 1 || strides[axis] === dense[axis]);
}
