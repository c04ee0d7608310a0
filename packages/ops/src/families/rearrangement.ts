import { PathwiseError, stridesOf, type Shape } from '@pathwise/model';
import type { AttrSpec, Attrs, OpDef, OpExample } from '@pathwise/graph';
import { stridedIndex } from '../broadcast.ts';
import { defineOp } from '../define-op.ts';
import { take } from './movement.ts';
import { jointly } from '../linearity.ts';

/** The input seen as `view`, its axes permuted, then seen as `result`. */
export interface Rearrangement {
  readonly view: readonly number[];
  readonly perm: readonly number[];
  readonly result: readonly number[];
}

/** An op that only moves elements: reshape, transpose, reshape. */
export function rearranging<A extends Attrs>(op: {
  readonly name: string;
  readonly code: number;
  readonly attrs: Readonly<Record<string, AttrSpec>>;
  readonly plan: (shape: Shape, attrs: A) => Rearrangement;
  readonly examples: readonly OpExample<A>[];
}): OpDef {
  return defineOp<A>({
    name: op.name,
    code: op.code,
    inputs: ['differentiable'],
    attrs: op.attrs,
    relevance: 'shape',
    affine: jointly,
    piecewiseLinear: jointly,
    kinks: false,
    infer([x], attrs) {
      const { view, result } = op.plan(x!.shape, attrs);
      if (![...view, ...result].every((size) => Number.isInteger(size) && size >= 0)) {
        throw new PathwiseError(
          'BAD_SHAPE',
          `a tensor of shape [${x!.shape.join(',')}] cannot be divided into its blocks`,
        );
      }
      return [{ dtype: x!.dtype, shape: result }];
    },
    forward([x], attrs) {
      const { view, perm } = op.plan(x!.shape, attrs);
      const strides = stridesOf(view);
      const index = stridedIndex(
        perm.map((axis) => view[axis]),
        perm.map((axis) => strides[axis]),
      );
      return [take(x!.data, index)];
    },
    vjp(b, { inputs, attrs }, [dy]) {
      const shape = b.shape(inputs[0]);
      const { view, perm } = op.plan(shape, attrs);
      const inverse = perm.map((_, axis) => perm.indexOf(axis));
      const apart = b.reshape(
        dy!,
        perm.map((axis) => view[axis]),
      );
      return [b.reshape(b.transpose(apart, inverse), shape)];
    },
    examples: op.examples,
  });
}
