import type { AttrSpec, OpDef, OpExample, Value } from '@pathwise/graph';
import type { Shape } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { dequantize, spreadScale, type Granularity } from './quantization.ts';
import { bilinearIn } from '../linearity.ts';

/** One, as a scale that changes nothing. */
const UNIT: Value = { dtype: 'float32', shape: [], data: Float64Array.of(1) };

export interface IntegerProduct {
  readonly name: string;
  readonly code: number;
  /** The op on floats that it stands for. */
  readonly base: OpDef;
  /** The axis of each factor along which a vector of zero points lies. */
  readonly zeroPointAxes: (a: Shape, b: Shape) => readonly [number, number];
  readonly examples: readonly OpExample[];
}

/**
 * A product of quantized tensors, less their zero points, in int32. Its cotangents are floats: it stands for the same
 * product of the numbers that were quantized.
 */
export function integerProduct({ name, code, base, zeroPointAxes, examples }: IntegerProduct): OpDef {
  const how = (axis: number): Granularity => ({ axis, block_size: 0 });
  return defineOp({
    name,
    code,
    inputs: ['differentiable', 'differentiable', 'zero-gradient', 'zero-gradient'],
    required: 2,
    straightThrough: true,
    attrs: base.attrs as Record<string, AttrSpec>,
    relevance: 'weighted-linear',
    affine: bilinearIn(0, 1),
    piecewiseLinear: bilinearIn(0, 1),
    kinks: false,
    infer: (inputs, attrs) => base.infer(inputs.slice(0, 2), attrs, 1).map(({ shape }) => ({ dtype: 'int32', shape })),
    forward([a, b, zeroA, zeroB], attrs, types) {
      const [axisA, axisB] = zeroPointAxes(a!.shape, b!.shape);
      const centredA = { ...a!, data: dequantize(a!, UNIT, zeroA, how(axisA)) };
      const centredB = { ...b!, data: dequantize(b!, UNIT, zeroB, how(axisB)) };
      return base.forward([centredA, centredB], attrs, types);
    },
    vjp(b: OpBuilder, node, [dy]) {
      const [x, w, ...zeros] = node.inputs;
      const axes = zeroPointAxes(b.shape(x), b.shape(w));
      const centred = [x, w].map((ref, i) => {
        const value = b.castLike(ref, dy!);
        const zero = zeros[i];
        return zero ? b.sub(value, b.castLike(spreadScale(b, zero, b.shape(ref), how(axes[i])), dy!)) : value;
      });
      const [dx, dw] = base.vjp!(b, { ...node, inputs: centred }, [dy!]);
      return [dx ?? null, dw ?? null, null, null];
    },
    examples,
  });
}
