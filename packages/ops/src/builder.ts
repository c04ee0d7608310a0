import { isFloat, sameShape, type Shape, type Tensor } from '@pathwise/model';
import { GraphBuilder, type Attrs, type OpSet } from '@pathwise/graph';

/** A tensor's name, a constant tensor, or a number (made a scalar of the other operand's type). */
export type Operand = string | Tensor | number;

/**
 * A graph builder with shorthands for ops, for rules and for writing models by hand:
 * `const y = b.relu(b.gemm(x, w, bias))`. Each returns the name of the result.
 */
export class OpBuilder extends GraphBuilder {
  // Declared so that a subclass of an L1 class keeps its own constructor signature.
  constructor(ops: OpSet) {
    super(ops);
  }

  add(x: Operand, y: Operand, name?: string): string {
    return this.#binary('Add', x, y, name);
  }
  sub(x: Operand, y: Operand, name?: string): string {
    return this.#binary('Sub', x, y, name);
  }
  mul(x: Operand, y: Operand, name?: string): string {
    return this.#binary('Mul', x, y, name);
  }
  div(x: Operand, y: Operand, name?: string): string {
    return this.#binary('Div', x, y, name);
  }
  pow(x: Operand, y: Operand, name?: string): string {
    return this.#binary('Pow', x, y, name);
  }
  equal(x: Operand, y: Operand): string {
    return this.#binary('Equal', x, y);
  }
  greater(x: Operand, y: Operand): string {
    return this.#binary('Greater', x, y);
  }
  less(x: Operand, y: Operand): string {
    return this.#binary('Less', x, y);
  }

  /** Element-wise op of one input by name: `b.unary('Exp', x)`. */
  unary(op: string, x: Operand, attrs: Attrs = {}, name?: string): string {
    return this.emit(op, [this.ref(x)], attrs, name);
  }
  neg(x: Operand): string {
    return this.unary('Neg', x);
  }
  exp(x: Operand): string {
    return this.unary('Exp', x);
  }
  sqrt(x: Operand): string {
    return this.unary('Sqrt', x);
  }
  relu(x: Operand, name?: string): string {
    return this.unary('Relu', x, {}, name);
  }
  sigmoid(x: Operand, name?: string): string {
    return this.unary('Sigmoid', x, {}, name);
  }
  tanh(x: Operand, name?: string): string {
    return this.unary('Tanh', x, {}, name);
  }

  matmul(x: Operand, y: Operand, name?: string): string {
    return this.emit('MatMul', [this.ref(x), this.ref(y)], {}, name);
  }
  /** x [n, k] times w [k, m] (or [m, k] with transB) plus bias. */
  gemm(x: Operand, w: Operand, bias: Operand | null = null, attrs: Attrs = {}, name?: string): string {
    return this.emit('Gemm', [this.ref(x), this.ref(w), bias === null ? null : this.ref(bias)], attrs, name);
  }
  conv(x: Operand, w: Operand, bias: Operand | null = null, attrs: Attrs = {}, name?: string): string {
    return this.emit('Conv', [this.ref(x), this.ref(w), bias === null ? null : this.ref(bias)], attrs, name);
  }
  maxPool(x: Operand, kernel: readonly number[], attrs: Attrs = {}, name?: string): string {
    return this.emit('MaxPool', [this.ref(x)], { kernel_shape: kernel, ...attrs }, name);
  }
  averagePool(x: Operand, kernel: readonly number[], attrs: Attrs = {}, name?: string): string {
    return this.emit('AveragePool', [this.ref(x)], { kernel_shape: kernel, ...attrs }, name);
  }
  softmax(x: Operand, axis = -1, name?: string): string {
    return this.emit('Softmax', [this.ref(x)], { axis }, name);
  }
  concat(xs: readonly Operand[], axis: number, name?: string): string {
    return this.emit(
      'Concat',
      xs.map((x) => this.ref(x)),
      { axis },
      name,
    );
  }

  /** Sum over `axes`, kept as size 1. */
  reduceSum(x: Operand, axes: readonly number[], keepdims = true): string {
    return this.emit('ReduceSum', [this.ref(x), this.ints(axes)], { keepdims: keepdims ? 1 : 0 });
  }
  /** Mean over `axes`, kept as size 1. */
  reduceMean(x: Operand, axes: readonly number[], keepdims = true): string {
    return this.emit('ReduceMean', [this.ref(x), this.ints(axes)], { keepdims: keepdims ? 1 : 0 });
  }
  reshape(x: Operand, shape: Shape, name?: string): string {
    const ref = this.ref(x);
    if (name === undefined && sameShape(this.shape(ref), shape)) return ref;
    return this.emit('Reshape', [ref, this.ints(shape)], shape.includes(0) ? { allowzero: 1 } : {}, name);
  }
  transpose(x: Operand, perm: readonly number[], name?: string): string {
    return this.emit('Transpose', [this.ref(x)], { perm }, name);
  }
  expand(x: Operand, shape: Shape): string {
    const ref = this.ref(x);
    return sameShape(this.shape(ref), shape) ? ref : this.emit('Expand', [ref, this.ints(shape)]);
  }
  where(condition: Operand, x: Operand, y: Operand): string {
    const [a, b] = this.#pair(x, y);
    return this.emit('Where', [this.ref(condition), a, b]);
  }
  /** Slice [starts, ends) of `axes` with `steps` (default 1). */
  slice(
    x: Operand,
    starts: readonly number[],
    ends: readonly number[],
    axes: readonly number[],
    steps?: readonly number[],
  ): string {
    const extra = steps === undefined ? [] : [this.ints(steps)];
    return this.emit('Slice', [this.ref(x), this.ints(starts), this.ints(ends), this.ints(axes), ...extra]);
  }
  /** Zeros added around every axis (befores, then afters); negative amounts crop. */
  pad(x: Operand, pads: readonly number[]): string {
    const ref = this.ref(x);
    return pads.every((amount) => amount === 0) ? ref : this.emit('Pad', [ref, this.ints(pads)]);
  }
  /** Zeros of `shape` to which the slices of `updates` along `axis` are added at the places of a vector of indices. */
  scatterAdd(shape: Shape, indices: string, updates: string, axis: number): string {
    const column = this.reshape(
      indices,
      shape.map((_, i) => (i === axis ? this.shape(indices)[0]! : 1)),
    );
    const everywhere = this.expand(column, this.shape(updates));
    return this.emit('ScatterElements', [this.zeros(shape, updates), everywhere, updates], { axis, reduction: 'add' });
  }
  /** Casts to the type of `like`. */
  castLike(x: Operand, like: string): string {
    const ref = this.ref(x);
    const { dtype } = this.type(like);
    return this.type(ref).dtype === dtype ? ref : this.emit('Cast', [ref], { to: dtype });
  }
  /** 0/1 of `condition` in the type of `like`, times `like`. */
  mask(condition: Operand, like: string): string {
    return this.mul(this.castLike(condition, like), like);
  }

  /** Sums a broadcast result back to `shape` (the adjoint of broadcasting). */
  sumTo(x: string, shape: Shape): string {
    const from = this.shape(x);
    if (sameShape(from, shape)) return x;
    const offset = from.length - shape.length;
    const axes = from
      .map((_, axis) => axis)
      .filter((axis) => axis < offset || (shape[axis - offset] === 1 && from[axis] !== 1));
    const summed = axes.length === 0 ? x : this.reduceSum(x, axes);
    return this.reshape(summed, shape);
  }

  /** Zeros of the type of `like` and `shape`. */
  zeros(shape: Shape, like: string): string {
    return this.expand(this.scalar(0, this.type(like).dtype), shape);
  }

  /** The name of an operand; tensors and numbers become constants. */
  ref(x: Operand): string {
    if (typeof x === 'string') return x;
    return typeof x === 'number' ? this.scalar(x) : this.constant(x);
  }

  #binary(op: string, x: Operand, y: Operand, name?: string): string {
    return this.emit(op, this.#pair(x, y), {}, name);
  }

  /** Numbers take the other operand's type. */
  #pair(x: Operand, y: Operand): [string, string] {
    const typed = (value: Operand, other: Operand): string => {
      if (typeof value !== 'number' || typeof other !== 'string') return this.ref(value);
      const { dtype } = this.type(other);
      return this.scalar(value, isFloat(dtype) || Number.isInteger(value) ? dtype : 'float32');
    };
    return [typed(x, y), typed(y, x)];
  }
}
