import { sameShape } from '@pathwise/model';
import type { Emitter } from './emitter.ts';
import type { Maker, Sides } from './finish.ts';
import { denseStrides, memoryOrder, type Buffer, type View } from './view.ts';

/** The maker of a tensor that one node only reads, so that nobody misses what it made. */
function ownMaker(e: Emitter, name: string): Maker | null {
  const maker = e.makers.get(name);
  return maker !== undefined && e.readCount(name) === 1 ? maker : null;
}

/** The tensor `made` is now what the maker of `from` stores. */
function rename(e: Emitter, from: string, made: string, maker: Maker): void {
  e.makers.delete(from);
  e.makers.set(made, maker);
}

/**
 * Makes the step that computes tensor `from` cut it to [low, high] as it stores it: that is tensor `made`. False where it
 * cannot, or where another node reads `from` uncut.
 */
export function boundAtStore(e: Emitter, from: string, made: string, low: number, high: number): boolean {
  const maker = ownMaker(e, from);
  if (maker === null) return false;
  const { finish } = maker;
  if (finish.bounds !== null || finish.gate !== null || finish.marks !== null) return false;
  finish.bounds = [low, high];
  rename(e, from, made, maker);
  return true;
}

/** Makes the step of one of two summands add the other one as it stores its own: returns where the sum is, or null. */
export function addAtStore(e: Emitter, names: readonly string[], made: string): View | null {
  // The summand that is made last is the one whose step need not wait.
  const makers = names.map((name) => ownMaker(e, name));
  const at = makers.map((maker) => (maker === null ? -1 : e.steps.indexOf(maker.step)));
  for (const i of at[0] > at[1] ? [0, 1] : [1, 0]) {
    const maker = makers[i];
    const [own, other] = [e.view(names[i]), e.view(names[1 - i])];
    if (maker === null || !maker.finish.isSum || names[0] === names[1] || !alike(own, other)) continue;
    maker.finish.term = { ...maker.output.volume, buffer: other.buffer, offset: other.offset };
    const buffer = other.buffer as Buffer;
    const inPlace = !maker.step.reads.includes(buffer) && own.offset === 0 && other.offset === 0;
    if (inPlace) maker.step.reusable.push(buffer);
    maker.step.reads.push(buffer);
    e.postpone(maker.step);
    rename(e, names[i], made, maker);
    return own;
  }
  return null;
}

/** Whether two tensors have the same shape and lie in the arena in the same way. */
function alike(a: View, b: View): boolean {
  const same = a.shape.every((size, axis) => size === 1 || a.strides[axis] === b.strides[axis]);
  return a.buffer !== null && b.buffer !== null && sameShape(a.shape, b.shape) && same;
}

/** Makes the step that computes tensor `from` mask it by bits as it stores it: that is tensor `made`. */
export function gateAtStore(e: Emitter, from: string, made: string, bits: Buffer): boolean {
  const maker = ownMaker(e, from);
  if (maker === null || maker.finish.gate !== null || maker.finish.marks !== null) return false;
  maker.finish.gate = bits;
  maker.step.reads.push(bits);
  e.postpone(maker.step);
  rename(e, from, made, maker);
  return true;
}

/** Makes the step that computes a tensor keep the bits of where it lies between two bounds. */
export function markAtStore(e: Emitter, name: string, sides: Sides, bits: Buffer): boolean {
  const maker = e.makers.get(name);
  if (maker === undefined || maker.finish.marks !== null || maker.finish.gate !== null) return false;
  maker.finish.marks = { ...sides, bits };
  maker.step.writes.push(bits);
  return true;
}

/** Makes the step that computes a tensor store it to `place`, where nobody has read it yet. */
export function storeAt(e: Emitter, name: string, place: View): boolean {
  const maker = e.makers.get(name);
  const view = e.view(name);
  const { buffer } = view;
  if (maker?.volumeOf === undefined || buffer === null || (place.shape[1] !== 1 && place.strides[1] !== 1))
    return false;
  if (e.steps.some(({ reads }) => reads.includes(buffer)) || !e.isOnlyView(view)) return false;
  maker.output.volume = maker.volumeOf(place);
  maker.step.writes.splice(maker.step.writes.indexOf(buffer), 1, place.buffer as Buffer);
  // Its own place is now part of a larger one, which nobody else's memory can be.
  maker.step.reusable.length = 0;
  e.replaceView(view, place);
  return true;
}

/** Whether bits that follow the memory of one view follow that of the other. */
export function sameOrder(a: View, b: View): boolean {
  const [x, y] = [a, b].map(({ shape, strides }) => denseStrides(shape, memoryOrder(strides)));
  return sameShape(a.shape, b.shape) && a.shape.every((size, axis) => size === 1 || x[axis] === y[axis]);
}
