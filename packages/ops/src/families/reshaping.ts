import type { AttrSpec, Attrs, InputKind, OpDef, OpExample, OperandInfo } from '@pathwise/graph';
import { PathwiseError, sizeOf, type Shape } from '@pathwise/model';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

export interface Reshaping<A extends Attrs> {
  readonly name: string;
  readonly code: number;
  /** Kinds of the inputs after the data. */
  readonly parameters?: readonly InputKind[];
  readonly required?: number;
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
  /** Shape of the result. */
  readonly shape: (x: Shape, parameters: readonly (OperandInfo | null)[], attrs: A) => readonly number[];
  readonly examples: readonly OpExample<A>[];
}

/** An op that keeps the elements and their order and changes only the shape. */
export function reshaping<A extends Attrs>(op: Reshaping<A>): OpDef {
  const linear = jointlyIn(0);
  return defineOp<A>({
    name: op.name,
    code: op.code,
    inputs: ['differentiable', ...(op.parameters ?? [])],
    ...(op.required === undefined ? {} : { required: op.required }),
    attrs: op.attrs ?? {},
    relevance: 'shape',
    affine: linear,
    piecewiseLinear: linear,
    kinks: false,
    infer([x, ...parameters], attrs) {
      const shape = op.shape(x!.shape, parameters, attrs);
      if (sizeOf(shape) !== sizeOf(x!.shape)) {
        throw new PathwiseError(
          'BAD_SHAPE',
          `a tensor of shape [${x!.shape.join(',')}] cannot be given the shape [${shape.join(',')}]`,
        );
      }
      return [{ dtype: x!.dtype, shape }];
    },
    forward: ([x]) => [x!.data.slice()],
    vjp: (b, { inputs }, [dy]) => [b.reshape(dy!, b.shape(inputs[0]))],
    examples: op.examples,
  });
}
