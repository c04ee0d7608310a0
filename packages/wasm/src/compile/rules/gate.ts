import { sameShape, sizeOf } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { loopWords, viewWords, type Emitter } from '../emitter.ts';
import { markFlags, type Gate } from '../finish.ts';
import { gateAtStore, markAtStore, sameOrder } from '../fusion.ts';
import { STEP } from '../step.ts';
import { loopsOver, memoryOrder, type Buffer, type View } from '../view.ts';

/** Elements whose bits take the memory of one element of eight floats. */
const BITS_PER_ELEMENT = 32;

/** What a tensor is when it is Cast(Greater(y, bound)) or Cast(Less(y, bound)) with a known bound, else null. */
export function gateOf(e: Emitter, name: string): Gate | null {
  const cast = e.producer(name);
  const comparison = cast?.op === 'Cast' ? e.producer(cast.inputs[0]) : undefined;
  if (comparison === undefined || !['Greater', 'Less'].includes(comparison.op)) return null;
  const bound = scalarOf(e, comparison, 1);
  if (bound === null) return null;
  const above = comparison.op === 'Greater';
  return { tensor: comparison.inputs[0], above: above ? bound : null, below: above ? null : bound };
}

/** Input `i` of a node where it is one known number that leaves the shape of input 0 as it is. */
export function scalarOf(e: Emitter, node: Node, i: number): number | null {
  const constant = e.constantOf(node, i);
  const fits = constant?.data.length === 1 && constant.shape.length <= e.type(node.inputs[0]).shape.length;
  return fits ? Number(constant.data[0]) : null;
}

/**
 * Mul(mask, x): x where the gate is open, 0 elsewhere. Only the bits of the mask are kept until then, not the tensor. The
 * two masks of a tensor with two bounds become one, and x is masked as it is stored, where that can be.
 */
export function gated(e: Emitter, node: Node, gate: Gate): View {
  const [, from] = node.inputs;
  const [y, x] = [e.view(gate.tensor), e.view(from)];
  const [made] = node.outputs;
  if (y.buffer === null || !sameShape(x.shape, y.shape)) return mapped(e, gate, y, x);
  const whole = joined(e.gates.get(from), gate);
  if (whole === null) return mapped(e, gate, y, x);
  if (awaitsTheOther(e, made, gate)) {
    e.gates.set(made, whole);
    const maker = e.readCount(from) === 1 ? e.makers.get(from) : undefined;
    if (maker !== undefined) e.makers.set(made, maker);
    return x;
  }
  const bits = bitsOf(e, whole, y);
  if (sameOrder(x, y) && gateAtStore(e, from, made, bits)) return x;
  const target = e.allocate(y.shape, memoryOrder(y.strides));
  const { sizes, strides } = loopsOver(y.shape, [target.strides, x.strides]);
  const views = [target, x].flatMap((view, i) => viewWords(view, strides[i]));
  const reusable = x.buffer !== null && x.offset === 0 && sameStrides(x, target) ? [x.buffer] : [];
  const place = { buffer: bits, offset: 0 };
  const step = e.emit(STEP.bitGate, [...loopWords(sizes), ...views, place], [x], [target], reusable);
  step.reads.push(bits);
  return target;
}

/** The mask of both bounds, or null where they are not those of one tensor. */
function joined(inner: Gate | undefined, outer: Gate): Gate | null {
  if (inner === undefined) return outer;
  if (inner.tensor !== outer.tensor) return null;
  return { tensor: outer.tensor, above: inner.above ?? outer.above, below: inner.below ?? outer.below };
}

/** Whether the one reader of a masked tensor masks it by the other bound of the same tensor. */
function awaitsTheOther(e: Emitter, made: string, gate: Gate): boolean {
  const reader = e.onlyReader(made);
  if (reader?.op !== 'Mul' || reader.inputs[1] !== made) return false;
  const next = gateOf(e, reader.inputs[0]);
  return next?.tensor === gate.tensor && (next.above === null) !== (gate.above === null);
}

function mapped(e: Emitter, { above, below }: Gate, y: View, x: View): View {
  const raised = above === null ? x : e.map('gateAbove', [y, x], above);
  return below === null ? raised : e.map('gateBelow', [y, raised], below);
}

function sameStrides(a: View, b: View): boolean {
  return a.shape.every((size, axis) => size === 1 || a.strides[axis] === b.strides[axis]);
}

/** The bits of a tensor, in the order of its memory: kept as it is stored where that can be. */
function bitsOf(e: Emitter, gate: Gate, y: View): Buffer {
  const [{ buffer }] = e.once(`bits ${gate.above} ${gate.below} ${gate.tensor}`, () => {
    const bits = e.allocate([Math.ceil(sizeOf(y.shape) / BITS_PER_ELEMENT)]);
    if (!markAtStore(e, gate.tensor, gate, bits.buffer as Buffer)) signBits(e, gate, y, bits);
    return [bits];
  });
  return buffer as Buffer;
}

function signBits(e: Emitter, gate: Gate, y: View, bits: View): void {
  const { sizes, strides } = loopsOver(y.shape, [y.strides]);
  const bounds = [gate.above, gate.below].map((bound) => ({ float: bound ?? 0 }));
  const place = { buffer: bits.buffer as Buffer, offset: 0 };
  const words = [markFlags(gate), ...bounds, ...loopWords(sizes), ...viewWords(y, strides[0]), place];
  e.emitAfter(y, STEP.signBits, words, [y], [bits]);
}
