import { argumentError, isFloat, type DType, type Shape, type Tensor } from '@pathwise/model';
import type { AddOptions, Attrs } from '@pathwise/graph';
import type { OpBuilder } from '@pathwise/ops';
import { channelsFirstOrder, inverseOf, isIdentityOrder, keepsOrder, permuted, permuteTensor } from './permutation.ts';

/**
 * How a tensor of the graph holds a value of the model: with its axes as the model's file writes them, or with the
 * last axis in second place ([batch, channels, ...sizes] for [batch, ...sizes, channels]; of rank 3 and above).
 */
export type Layout = 'as-written' | 'channels-first';

/** A value of the model: the tensor that holds it, and its shape as the model's file writes it. */
export interface LayoutValue {
  readonly ref: string;
  readonly shape: Shape;
  readonly layout: Layout;
}

/**
 * A graph builder for models whose images have their channels last. Convolutions ask for a value channels first and
 * others keep what they find, so that an axis order is changed where the two meet and nowhere else.
 */
export class LayoutBuilder {
  readonly b: OpBuilder;
  /** The tensor that holds the same value in the other layout. */
  readonly #twins = new Map<string, string>();
  readonly #channelsFirst = new Set<string>();

  constructor(b: OpBuilder) {
    this.b = b;
  }

  input(name: string, shape: Shape, dtype: DType = 'float32'): LayoutValue {
    return this.value(this.b.input(name, shape, dtype));
  }

  constant(value: Tensor, name?: string): LayoutValue {
    return this.value(this.b.constant(value, name));
  }

  /** The value that a tensor of the graph holds in the layout given. */
  value(ref: string, layout: Layout = 'as-written'): LayoutValue {
    const held = this.b.shape(ref);
    // Below rank 3 both layouts are one.
    if (layout === 'as-written' || held.length < 3) return { ref, shape: held, layout: 'as-written' };
    this.#channelsFirst.add(ref);
    return { ref, shape: permuted(held, inverseOf(channelsFirstOrder(held.length))), layout };
  }

  /** Tensors that hold values of the model channels first. */
  get channelsFirstTensors(): ReadonlySet<string> {
    return this.#channelsFirst;
  }

  dtype(value: LayoutValue): DType {
    return this.b.type(value.ref).dtype;
  }

  isFloat(value: LayoutValue): boolean {
    return isFloat(this.dtype(value));
  }

  /** The constant that a value is, its axes as written; undefined where it depends on inputs. */
  constantOf(value: LayoutValue): Tensor | undefined {
    const held = this.b.constantOf(value.ref);
    return held === undefined ? undefined : permuteTensor(held, inverseOf(this.order(value)));
  }

  /** Axis i of the tensor that holds the value is axis order[i] of the value as written. */
  order(value: LayoutValue): number[] {
    const rank = value.shape.length;
    return value.layout === 'channels-first'
      ? channelsFirstOrder(rank)
      : Array.from({ length: rank }, (_, axis) => axis);
  }

  /**
   * The axis of the tensor that holds the value which is `axis` (negative: from the end) as written.
   * @throws PathwiseError BAD_ARGUMENT if there is no such axis
   */
  axis(value: LayoutValue, axis: number): number {
    const rank = value.shape.length;
    if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
      throw argumentError('layout', 'axis', `an integer in [${-rank}, ${rank - 1}]`, axis);
    }
    return this.order(value).indexOf(axis < 0 ? axis + rank : axis);
  }

  /** The tensor that holds the value with its axes as written. */
  asWritten(value: LayoutValue, name?: string): string {
    if (value.layout === 'as-written') return value.ref;
    return this.#twin(value.ref, inverseOf(channelsFirstOrder(value.shape.length)), name);
  }

  /** The tensor that holds the value with its last axis in second place. */
  channelsFirst(value: LayoutValue, name?: string): string {
    if (value.layout === 'channels-first' || value.shape.length < 3) return value.ref;
    return this.#twin(value.ref, channelsFirstOrder(value.shape.length), name);
  }

  /** The tensor that holds the value in the layout given. */
  held(value: LayoutValue, layout: Layout): string {
    return layout === 'as-written' ? this.asWritten(value) : this.channelsFirst(value);
  }

  /** Applies an op with one output that keeps to a layout. */
  emit(
    op: string,
    inputs: readonly (string | null)[],
    attrs: Attrs = {},
    layout: Layout = 'as-written',
    name?: string,
  ): LayoutValue {
    return this.value(this.b.emit(op, inputs, attrs, name), layout);
  }

  /** Applies an op with several outputs, all in one layout. */
  apply(
    op: string,
    inputs: readonly (string | null)[],
    attrs: Attrs = {},
    layout: Layout = 'as-written',
    options: AddOptions = {},
  ): LayoutValue[] {
    return this.b.apply(op, inputs, attrs, options).map((ref) => this.value(ref, layout));
  }

  /**
   * Applies an op with one output whose axis i is axis order[i] of the value as written. An order that is no layout is
   * changed into the one as written.
   */
  emitOrdered(
    op: string,
    inputs: readonly (string | null)[],
    attrs: Attrs,
    order: readonly number[],
    name?: string,
  ): LayoutValue {
    const layout = layoutOf(order);
    if (layout !== undefined) return this.emit(op, inputs, attrs, layout, name);
    return this.value(this.#permute(this.b.emit(op, inputs, attrs), inverseOf(order), name));
  }

  /** The value that a tensor holds whose axis i is axis order[i] of the value as written. */
  ordered(ref: string, order: readonly number[], name?: string): LayoutValue {
    const layout = layoutOf(order);
    if (layout !== undefined) return this.value(ref, layout);
    return this.value(this.#permute(ref, inverseOf(order), name));
  }

  /** The value with its axes, as written, permuted: axis i of the result is axis perm[i]. Constants are permuted at once. */
  transpose(value: LayoutValue, perm: readonly number[], name?: string): LayoutValue {
    const to = inverseOf(perm);
    const order = this.order(value).map((axis) => to[axis] as number);
    const layout = layoutOf(order);
    return layout === undefined
      ? this.value(this.#permute(value.ref, inverseOf(order), name))
      : this.value(value.ref, layout);
  }

  #twin(ref: string, perm: readonly number[], name?: string): string {
    const known = this.#twins.get(ref);
    if (known !== undefined) return known;
    const twin = this.#permute(ref, perm, name);
    this.#twins.set(ref, twin);
    this.#twins.set(twin, ref);
    return twin;
  }

  #permute(ref: string, perm: readonly number[], name?: string): string {
    const constant = this.b.constantOf(ref);
    if (constant !== undefined) return this.b.constant(permuteTensor(constant, perm), name);
    const shape = this.b.shape(ref);
    if (isIdentityOrder(perm)) return ref;
    return keepsOrder(shape, perm)
      ? this.b.reshape(ref, permuted(shape, perm), name ?? this.b.freshName('Reshape'))
      : this.b.transpose(ref, perm, name);
  }
}

function layoutOf(order: readonly number[]): Layout | undefined {
  if (isIdentityOrder(order)) return 'as-written';
  const channelsFirst = channelsFirstOrder(order.length);
  return order.every((axis, i) => axis === channelsFirst[i]) ? 'channels-first' : undefined;
}
