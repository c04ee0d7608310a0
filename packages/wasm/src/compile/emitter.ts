import { PathwiseError, sameShape, sizeOf, toFloat64, type Shape, type Tensor } from '@pathwise/model';
import { consumers, producers, type Graph, type Node, type TensorType } from '@pathwise/graph';
import { ConstantPool } from './constants.ts';
import type { Gate, Maker } from './finish.ts';
import {
  FUNCTION,
  REDUCTION,
  STEP,
  type FunctionName,
  type ReductionName,
  type Step,
  type Sweep,
  type Word,
} from './step.ts';
import {
  broadcastTo,
  denseStrides,
  isRowMajor,
  loopsOver,
  memoryOrder,
  reshaped,
  type Buffer,
  type View,
} from './view.ts';

/** Axes that a step can loop over after joining; native/step.h has the same. */
const MAX_LOOPS = 8;

/** Integers up to here are exact as float32. */
const LARGEST_INTEGER = 2 ** 24;

/** Collects the steps of a plan. Rules of ops call it with views and get views. */
export class Emitter {
  readonly graph: Graph;
  readonly constants: ConstantPool;
  readonly steps: Step[] = [];
  /** The steps that make tensors and can do more to them as they store them. */
  readonly makers: Map<string, Maker> = new Map();
  /** Masks of tensors that wait to be applied together with the next. */
  readonly gates: Map<string, Gate> = new Map();
  readonly #views = new Map<string, View>();
  readonly #once = new Map<string, readonly View[]>();
  readonly #origins = new Map<string, View>();
  readonly #producers: ReadonlyMap<string, Node>;
  readonly #readers: ReadonlyMap<string, readonly Node[]>;

  /** Whether products keep six output channels in registers instead of four. */
  readonly wideBlocks: boolean;

  constructor(graph: Graph, { dry, wideBlocks = false }: { dry: boolean; wideBlocks?: boolean }) {
    this.graph = graph;
    this.wideBlocks = wideBlocks;
    this.#producers = producers(graph);
    this.#readers = consumers(graph);
    this.constants = new ConstantPool(dry);
  }

  /** The value of a tensor that is computed by now, or constant. */
  view(name: string): View {
    const known = this.#views.get(name);
    if (known !== undefined) return known;
    const constant = this.graph.constants.get(name);
    if (constant === undefined) throw new PathwiseError('INTERNAL', `no value for tensor "${name}"`, { tensor: name });
    const view = this.#constantView(name, constant);
    this.#views.set(name, view);
    return view;
  }

  define(name: string, view: View): void {
    this.#views.set(name, view);
  }

  /** Input `i` of a node, or null if it is absent. */
  input(node: Node, i: number): View | null {
    const name = node.inputs[i] ?? '';
    return name === '' ? null : this.view(name);
  }

  /** What `make` gave for the same key before, or gives now: for nodes that compute the same. */
  once(key: string, make: () => View[]): View[] {
    const views = this.#once.get(key) ?? make();
    this.#once.set(key, views);
    return [...views];
  }

  /** Notes that a tensor holds the elements of `origin`, in row-major order, under another shape. */
  keepOrigin(name: string, origin: View): void {
    this.#origins.set(name, origin);
  }

  /** What a tensor was reshaped from, if that has the shape asked for: reshaping there and back is no work. */
  originOf(name: string, shape: Shape): View | null {
    const origin = this.#origins.get(name);
    return origin !== undefined && sameShape(origin.shape, shape) ? origin : null;
  }

  /** The node that computes a tensor. */
  producer(name: string): Node | undefined {
    return this.#producers.get(name);
  }

  type(name: string): TensorType {
    return this.graph.types.get(name) as TensorType;
  }

  /** The value of input `i` of a node where it is a constant of the graph. */
  constantOf(node: Node, i: number): Tensor | undefined {
    return this.graph.constants.get(node.inputs[i] ?? '');
  }

  /** Input `i` of a node as integers, undefined if it is absent. */
  integers(node: Node, i: number): number[] | undefined {
    if ((node.inputs[i] ?? '') === '') return undefined;
    const value = this.constantOf(node, i);
    if (value === undefined) throw unsupported(`input ${i} must be constant`);
    return Array.from(toFloat64(value.data));
  }

  /** A new tensor without gaps, its axes in `order` from the slowest to the fastest. */
  allocate(shape: Shape, order?: readonly number[]): View {
    return { buffer: { size: sizeOf(shape) }, offset: 0, shape, strides: denseStrides(shape, order) };
  }

  /** A constant of one number. */
  scalar(value: number): View {
    const offset = this.constants.add(
      1,
      (data) => void (data[0] = value),
      `scalar:${Object.is(value, -0) ? '-0' : value}`,
    );
    return { buffer: null, offset, shape: [], strides: [] };
  }

  /** y = f(inputs…), broadcast; p and q are the parameters of some functions. */
  map(f: FunctionName, inputs: readonly View[], p = 0, q = 0): View {
    const shape = broadcastShape(inputs.map((view) => view.shape));
    const like = inputs.find(({ buffer, shape: own }) => buffer !== null && sizeOf(own) === sizeOf(shape));
    const order = like === undefined ? undefined : memoryOrder(broadcastTo(like, shape).strides);
    const target = this.allocate(shape, order);
    this.mapTo(target, f, inputs, p, q);
    return target;
  }

  /** As {@link map}, written to a view that exists. */
  mapTo(target: View, f: FunctionName, inputs: readonly View[], p = 0, q = 0): void {
    const operands = [target, ...inputs.map((view) => broadcastTo(view, target.shape))];
    const { sizes, strides } = loopsOver(
      target.shape,
      operands.map((view) => view.strides),
    );
    const same = (view: View): boolean =>
      view.offset === target.offset &&
      view.shape.every((size, axis) => size === 1 || view.strides[axis] === target.strides[axis]);
    // Memory may be taken over only if every element is read where it is written, by every operand that lies in it.
    const reusable = operands.slice(1).filter(({ buffer }) => {
      const sharing = operands.slice(1).filter((view) => view.buffer === buffer);
      return buffer?.size === target.buffer?.size && sharing.every(same);
    });
    this.emit(
      STEP.map,
      [
        FUNCTION[f],
        ...loopWords(sizes),
        ...operands.flatMap((view, i) => viewWords(view, strides[i])),
        { float: p },
        { float: q },
      ],
      inputs,
      [target],
      reusable.flatMap(({ buffer }) => buffer ?? []),
    );
  }

  /** Reduces along axes, which are kept with size 1. */
  reduce(f: ReductionName, from: View, axes: readonly number[]): View {
    // The core takes no more turns than there are elements; what broadcasting repeats is written out.
    const x = from.strides.some((stride, axis) => stride === 0 && from.shape[axis] > 1)
      ? this.#copy(from, this.allocate(from.shape))
      : from;
    const outer = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const inner = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
    const target = this.allocate(outer, memoryOrder(x.strides));
    const around = loopsOver(outer, [target.strides, x.strides]);
    // Positions count in row-major order; sums follow the memory.
    const counts = REDUCTION[f] >= REDUCTION.firstLargest;
    const within = loopsOver(inner, counts ? [denseStrides(inner), x.strides] : [x.strides, x.strides]);
    const words = [
      REDUCTION[f],
      ...loopWords(around.sizes),
      ...loopWords(within.sizes),
      ...viewWords(target, around.strides[0]),
      ...viewWords(x, [...around.strides[1], ...within.strides[1]]),
    ];
    if (around.sizes.length + within.sizes.length > MAX_LOOPS) throw unsupported('it has too many axes');
    this.emit(STEP.reduce, words, [x], [target]);
    return target;
  }

  /** A copy in row-major order, or the view itself if it is. */
  rowMajor(x: View): View {
    return isRowMajor(x) ? x : this.#copy(x, this.allocate(x.shape));
  }

  /** A tensor without gaps whose axes are in `order`; the view itself if it is so. */
  ordered(x: View, order: readonly number[]): View {
    const target = this.allocate(x.shape, order);
    const same =
      x.buffer !== null && x.shape.every((size, axis) => size === 1 || x.strides[axis] === target.strides[axis]);
    return same ? x : this.#copy(x, target);
  }

  reshape(x: View, shape: Shape): View {
    if (sameShape(x.shape, shape)) return x;
    return reshaped(x, shape) ?? (reshaped(this.rowMajor(x), shape) as View);
  }

  /** Adds a step. `reusable` are inputs whose memory the first target may take. */
  emit(
    op: number,
    words: Word[],
    reads: readonly View[],
    writes: readonly View[],
    reusable: readonly Buffer[] = [],
    sweep?: Sweep,
  ): Step {
    const buffers = (views: readonly View[]): Buffer[] => views.flatMap(({ buffer }) => buffer ?? []);
    const made = { op, words, reads: buffers(reads), writes: buffers(writes), reusable: [...reusable] };
    const step: Step = sweep === undefined ? made : { ...made, sweep };
    this.steps.push(step);
    return step;
  }

  /** As {@link emit}, directly after the last step that writes to `source` (an input of the plan: before all steps). */
  emitAfter(source: View, op: number, words: Word[], reads: readonly View[], writes: readonly View[]): void {
    this.emit(op, words, reads, writes);
    const [step] = this.steps.splice(-1);
    const last = this.steps.findLastIndex((other) => source.buffer !== null && other.writes.includes(source.buffer));
    this.steps.splice(last + 1, 0, step);
  }

  /** Moves a step behind all others, as it is to read what they make. Nobody may have read what it makes. */
  postpone(step: Step): void {
    this.steps.splice(this.steps.indexOf(step), 1);
    this.steps.push(step);
  }

  /** How many read a tensor: nodes, each as often as it does, and whoever wants it as an output. */
  readCount(name: string): number {
    return (this.#readers.get(name)?.length ?? 0) + (this.graph.outputs.includes(name) ? 1 : 0);
  }

  /** The one node that reads a tensor, if there is only one. */
  onlyReader(name: string): Node | null {
    return this.readCount(name) === 1 ? (this.#readers.get(name)?.[0] ?? null) : null;
  }

  /** Whether no tensor is seen in the view's memory by another view. */
  isOnlyView(view: View): boolean {
    const others = [...this.#views.values(), ...this.#origins.values(), ...[...this.#once.values()].flat()];
    return others.every((other) => other === view || other.buffer !== view.buffer);
  }

  /** Tensors seen by one view are now seen by another. */
  replaceView(from: View, to: View): void {
    for (const views of [this.#views, this.#origins])
      for (const [name, view] of views) if (view === from) views.set(name, to);
  }

  #copy(x: View, target: View): View {
    this.mapTo(target, 'copy', [x]);
    return target;
  }

  #constantView(name: string, { dtype, shape, data }: Tensor): View {
    const values = toFloat64(data);
    if (!dtype.startsWith('float') && values.some((value) => Math.abs(value) > LARGEST_INTEGER)) {
      throw unsupported(`constant "${name}" holds integers beyond 2^24`);
    }
    const offset = this.constants.add(values.length, (target) => target.set(values), `tensor:${name}`);
    return { buffer: null, offset, shape, strides: denseStrides(shape) };
  }
}

/** What a node or tensor has that the core does not do. The compiler adds the node. */
export function unsupported(reason: string): PathwiseError {
  return new PathwiseError('UNSUPPORTED_OP', reason);
}

/** rank, sizes */
export function loopWords(sizes: readonly number[]): number[] {
  if (sizes.length > MAX_LOOPS) throw unsupported('it has too many axes');
  return [sizes.length, ...sizes];
}

/** space, place, strides */
export function viewWords({ buffer, offset }: View, strides: readonly number[]): Word[] {
  return buffer === null ? [0, offset, ...strides] : [1, { buffer, offset }, ...strides];
}

function broadcastShape(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
